"""Jurisdictions: each is a file that adds rules and duties to those of the place that it lies within."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import Field

from compliance.policies.site_schema import Method
from compliance.policies.source import read
from compliance.policies.terms import ALabel, AName, Model

FOLDER = Path(__file__).parent / "jurisdictions"


class SoleWayIn(Model):
    """Ways in of which none, nor all together, may be the only one (L-046)."""

    methods: Annotated[list[Method], Field(min_length=1)]
    article: str


class Report(Model):
    """Something that has to be reported about a category (L-083)."""

    category: AName
    task: AName
    working_days: int = Field(ge=1)
    article: str


class Complaints(Model):
    """Within how many days complaints are answered (J-01)."""

    days: int = Field(ge=1)
    article: str


class LocalDuty(Model):
    """What the place asks of a site, for notices and for the officer's list."""

    id: AName
    article: str
    zh: str
    en: str


class Overlay(Model):
    name: AName
    label: ALabel
    within: AName | None = None
    sole_way_in: SoleWayIn | None = None
    reports: list[Report] = Field(default_factory=list)
    complaints: Complaints | None = None
    duties: list[LocalDuty] = Field(default_factory=list)


@cache
def overlays() -> Mapping[str, Overlay]:
    """Every overlay by name; a file whose name is not its overlay's, or whose surrounding place is unknown, is refused."""
    found: dict[str, Overlay] = {}
    for path in sorted(FOLDER.glob("*.yaml")):
        overlay = Overlay.model_validate(read(path.name, path.read_text(encoding="utf-8")).value)
        if overlay.name != path.stem:
            raise ValueError(f"{path.name}: the overlay calls itself {overlay.name}")
        found[overlay.name] = overlay
    for overlay in found.values():
        if overlay.within is not None and overlay.within not in found:
            raise ValueError(f"{overlay.name}: there is no overlay {overlay.within}")
    return found


def applying(names: Iterable[str]) -> tuple[Overlay, ...]:
    """The overlays named and all that they lie within, the widest first; names that are unknown are left to L-007."""
    chosen: dict[str, Overlay] = {}
    for name in ("cn", *names):
        chain: list[Overlay] = []
        at = overlays().get(name)
        while at is not None and at.name not in chosen:
            chain.append(at)
            at = overlays().get(at.within) if at.within else None
        chosen.update((overlay.name, overlay) for overlay in reversed(chain))
    return tuple(chosen.values())
