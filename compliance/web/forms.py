"""Forms as browsers send them, read strictly: every pair in its order, and no name twice where one is meant."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from fastapi import Request

from compliance.web.faults import UNREADABLE, Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What was typed. It has no repr of its own content."""

    pairs: tuple[tuple[str, str], ...] = field(repr=False)

    def one(self, name: str, default: str = "") -> str:
        """The only value under this name, stripped; raises `Refused` (400) where there are two."""
        found = [value for key, value in self.pairs if key == name]
        if len(found) > 1:
            raise Refused(UNREADABLE)
        return found[0].strip() if found else default

    def all(self, name: str) -> tuple[str, ...]:
        return tuple(value for key, value in self.pairs if key == name)

    def __contains__(self, name: str) -> bool:
        return any(key == name for key, _ in self.pairs)


async def form_of(request: Request) -> Form:
    """A dependency: the posted form. The body was bounded and seen to be a form before it came here."""
    body = await request.body()
    pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="replace")
    return Form(pairs=tuple(pairs))
