"""Text without the identifiers in it: each is replaced by the name of its kind. Linear in the text, and bounded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from compliance.detectors import scan

# What cannot have been looked at is not passed on: 64 Ki characters take some 20 ms.
LONGEST_TEXT: Final = 64 * 1024
_DEEPEST: Final = 6
_MOST_MEMBERS: Final = 1000
_CUT = "…〔过长，已截断 cut〕"
_DEEPER = "〔层级过深，已略去 omitted〕"
_LOOKS: Final = 3


def redacted(text: str, *, possible: bool = True) -> str:
    """The text with ``〔mobile〕`` and the like where identifiers stood; `possible` takes out what only may be one."""
    kept = text[:LONGEST_TEXT]
    # What stood apart may stand together once something between is gone, so it is looked at again.
    for _ in range(_LOOKS):
        pieces, at = [], 0
        for finding in scan(kept):
            if possible or finding.certainty == "certain":
                pieces += [kept[at : finding.start], f"〔{finding.kind}〕"]
                at = finding.end
        if not pieces:
            break
        kept = "".join([*pieces, kept[at:]])
    return kept if len(text) <= LONGEST_TEXT else kept + _CUT


def redacted_value(value: object, *, possible: bool = True, depth: int = _DEEPEST) -> object:
    """Whatever a log carries beside its message: containers member by member, other objects by what they would print.

    A value in which nothing is found comes back as the object that it was.
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return redacted(value, possible=possible)
    if isinstance(value, Mapping | list | tuple | set | frozenset):
        if depth == 0:
            return _DEEPER
        return _members(value, possible=possible, depth=depth - 1)
    said = f"{value!s}\n{value!r}"
    found = redacted(said, possible=possible)
    return value if found == said else redacted(str(value), possible=possible)


def _members(
    value: Mapping[object, object] | list[object] | tuple[object, ...] | set[object] | frozenset[object],
    *,
    possible: bool,
    depth: int,
) -> object:
    if isinstance(value, Mapping):
        pairs = list(value.items())[:_MOST_MEMBERS]
        return {
            redacted_value(name, possible=possible, depth=0)
            if isinstance(name, tuple | frozenset)
            else redacted_value(name, possible=possible, depth=depth): redacted_value(
                one, possible=possible, depth=depth
            )
            for name, one in pairs
        }
    members = [redacted_value(one, possible=possible, depth=depth) for one in list(value)[:_MOST_MEMBERS]]
    return tuple(members) if isinstance(value, tuple) else members
