"""One change of a policy as people are told of it, and all of them together.

*Narrows*: what was allowed is allowed less, and nothing is allowed that was not. *Widens*: more may be collected, kept,
seen or passed on, or less is asked of the person before it; also whatever cannot be shown to be no wider. *Neutral*:
neither, for example a field that nobody has to give any longer, which lets in what would have been turned away.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Direction(StrEnum):
    NARROWS = "narrows"
    WIDENS = "widens"
    NEUTRAL = "neutral"

    @property
    def zh(self) -> str:
        return {"narrows": "收窄", "widens": "放宽", "neutral": "其他"}[self.value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """`category` is empty for what concerns the whole site, `field` for a whole category, `channel` for all of them."""

    category: str = ""
    field: str = ""
    channel: str = ""
    aspect: str
    direction: Direction
    zh: str
    en: str

    def as_json(self) -> dict[str, str]:
        return {
            "category": self.category,
            "field": self.field,
            "channel": self.channel,
            "aspect": self.aspect,
            "direction": self.direction.value,
            "zh": self.zh,
            "en": self.en,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Every change from one pack to another, the site's first. Empty: nothing changes for anybody."""

    changes: tuple[Change, ...] = ()

    @property
    def widens(self) -> bool:
        return any(change.direction is Direction.WIDENS for change in self.changes)

    @property
    def narrows_only(self) -> bool:
        """There are changes, and each of them narrows: nothing gets in that was refused, nothing is kept longer."""
        return bool(self.changes) and all(change.direction is Direction.NARROWS for change in self.changes)

    @property
    def direction(self) -> Direction:
        """The one word for all of it: one widening change makes the whole widen."""
        if self.widens:
            return Direction.WIDENS
        narrows = any(change.direction is Direction.NARROWS for change in self.changes)
        return Direction.NARROWS if narrows else Direction.NEUTRAL

    def of(self, category: str) -> tuple[Change, ...]:
        """What changes for one category, the site's own changes included."""
        return tuple(change for change in self.changes if change.category in ("", category))

    def counted(self) -> dict[Direction, int]:
        return {one: sum(change.direction is one for change in self.changes) for one in Direction}

    def as_json(self) -> dict[str, object]:
        return {
            "direction": self.direction.value,
            "widens": self.widens,
            "narrows_only": self.narrows_only,
            "changes": [change.as_json() for change in self.changes],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """Where a change is, and what people call the place."""

    category: str = ""
    field: str = ""
    zh: str
    en: str

    def change(self, aspect: str, direction: Direction, zh: str, en: str, *, channel: str = "") -> Change:
        return Change(
            category=self.category,
            field=self.field,
            channel=channel,
            aspect=aspect,
            direction=direction,
            zh=f"{self.zh}：{zh}",
            en=f"{self.en}: {en}",
        )

    def moved(self, aspect: str, less: bool, more: bool, zh: str, en: str) -> Change:  # noqa: FBT001 - two facts
        """A change of something that has an order: `less` and `more` say what it can be shown never to exceed."""
        direction = Direction.NEUTRAL if less and more else Direction.NARROWS if less else Direction.WIDENS
        return self.change(aspect, direction, zh, en)
