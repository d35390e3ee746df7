"""The statutory rights that are built, one file each. A kind that is not listed here is refused at the door."""

from __future__ import annotations

from typing import Final

from compliance.domain.plan import Right
from compliance.domain.request import RequestKind
from compliance.rights.access import Access
from compliance.rights.deletion import Deletion

RIGHTS: Final[tuple[Right, ...]] = (Access(), Deletion())


def right_for(kind: RequestKind) -> Right | None:
    return next((right for right in RIGHTS if kind in right.kinds), None)
