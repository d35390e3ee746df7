"""Which route is guarded, and which of its body's members is which field of a category."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from compliance.domain.errors import ConfigurationInvalid
from compliance.domain.vocabulary import Channel

#: Members that say how the person was told and agreed; every door knows them, a form has the last two for its controls.
EVIDENCE = frozenset(
    {"notice", "consent", "declined", "collected_at", "key", "pass", "notice_id", "read_out_by"}
)
_OVERRIDE = "x-http-method-override"


class Keep(StrEnum):
    """Who stores what was admitted: our gate, and the application gets a receipt; or the application, as it always did."""

    GATE = "gate"
    APP = "app"


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardedRoute:
    """One route of somebody else's application.

    `fields` maps members of its body to fields of `category`; inside JSON objects they are named with dots. Members in
    `passed` go on as they are, unless an identifier is found in them; any other member is refused. ``{name}`` in `path`
    is any one segment. With `take_as_given` (for `Keep.APP` only) notice and consent are the application's to show.
    """

    path: str
    category: str
    channel: Channel | str
    fields: Mapping[str, str]
    keep: Keep | str = Keep.GATE
    passed: frozenset[str] | tuple[str, ...] = ()
    posted: bool = False  # the notice hangs at the place itself, so that no screen shows it
    methods: frozenset[str] | tuple[str, ...] = ("POST", "PUT", "PATCH")
    take_as_given: bool = False
    caller: str = "route"

    def __post_init__(self) -> None:
        """Raise ConfigurationInvalid where the mapping means two things, or nothing."""
        Channel(self.channel)
        if len(set(self.fields.values())) != len(self.fields) or not self.fields:
            raise ConfigurationInvalid(
                "fields: 一个字段只对应一项 / each field belongs to exactly one member"
            )
        if set(self.fields) & set(self.passed):
            raise ConfigurationInvalid(
                "passed: 已对应字段的不能直接放行 / a mapped member cannot be passed on"
            )
        named = {*self.fields, *self.passed}
        if any(other.startswith(f"{name}.") for name in named for other in named):
            raise ConfigurationInvalid(
                "fields: 一项不能又是另一项的一部分 / no member may be part of another"
            )
        if self.take_as_given and Keep(self.keep) is Keep.GATE:
            raise ConfigurationInvalid(
                "take_as_given: 只用于 keep=app / only where the application keeps the record"
            )

    def matches(self, method: str, paths: tuple[str, ...], headers: Mapping[str, str]) -> bool:
        """Whether a request is for this route, however it is spelt: guarding one too many is safe, one too few is not."""
        methods = {method.upper(), headers.get(_OVERRIDE, "").upper()}
        return bool(methods & {one.upper() for one in self.methods}) and any(
            map(_pattern(self.path).fullmatch, map(_plain, paths))
        )


@cache
def _pattern(path: str) -> re.Pattern[str]:
    pieces = re.split(r"\{[^{}]*\}", _plain(path))
    return re.compile("[^/]+".join(map(re.escape, pieces)))


def _plain(path: str) -> str:
    """One spelling for what frameworks take as the same path: slashes doubled or trailing, dots, upper case."""
    kept: list[str] = []
    for segment in path.casefold().split("/"):
        if segment == "..":
            del kept[-1:]
        elif segment not in ("", "."):
            kept.append(segment)
    return "/".join(kept)
