"""Keeps the surname, and the salutation where that is what the person gave: 张**, 欧阳**, 李女士."""

from compliance.anonymisers.names import shortened
from compliance.anonymisers.strategy import Strategy, check_type


def surname(name: str) -> str:
    """Return 张** for a name, 李女士 for 李女士 and for 李某某女士, `""` for an empty one."""
    return shortened(name)


def apply(field_type: str, value: str) -> str | None:
    """Return the surname of a name; other types have none and leave nothing."""
    check_type(field_type)
    return surname(value) if field_type == "person_name" else None


STRATEGY = Strategy(name="surname", outcome="de-identified", apply=apply)
