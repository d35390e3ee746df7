"""The shelf of emergencies, and the parts that die with them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple, Protocol

from compliance.domain.emergency import Opening


class EmergencyRow(NamedTuple):
    """Moments are epoch seconds, days ISO. `affected` is JSON: records by category, counted when it ended."""

    id: str
    site: str
    profile: str
    document: str
    authority: str
    opened_by: str
    opened_at: int
    ends_at: int
    closed_by: str | None = None
    affected: str | None = None
    tell_by: str | None = None
    destroyed_on: str | None = None
    told_by: str | None = None
    told_on: str | None = None

    def opening(self) -> Opening:
        """As decisions see it."""
        return Opening(
            id=self.id,
            profile=self.profile,
            opened_at=datetime.fromtimestamp(self.opened_at, UTC),
            ends_at=datetime.fromtimestamp(self.ends_at, UTC),
        )


class PartClass(NamedTuple):
    """The parts of one class of fields under one version."""

    site: str
    category: str
    policy_version: int
    retention_class: int


class Emergencies(Protocol):
    def open_at(self, now: int) -> list[EmergencyRow]:
        """Those that are open at a moment."""
        ...

    def find(self, emergency_id: str) -> EmergencyRow | None: ...

    def listed(self) -> list[EmergencyRow]:
        """Newest first."""
        ...

    def put(self, row: EmergencyRow) -> None:
        """Insert or replace by id."""
        ...

    def records(self, classes: Sequence[PartClass]) -> dict[str, int]:
        """How many records have such parts, by category."""
        ...

    def end(self, classes: Sequence[PartClass], moment: int) -> list[tuple[str, int, int]]:
        """Let such parts be due at a moment at the latest; what moved, as (category, old due moment, parts)."""
        ...

    def left(self, classes: Sequence[PartClass]) -> tuple[int, int]:
        """Such parts that are still there: how many, and how many of them are bound by a hold."""
        ...
