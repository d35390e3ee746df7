"""A pack as far as it could be read: what the lint rules look at, faults and all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from compliance.policies.schema import CategoryHead, CollectionCase, FieldFile, RetentionCase
from compliance.policies.site_schema import SiteFile
from compliance.policies.source import Path, Source


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteDraft:
    """The site's file. `day` is the day the pack is judged for; None: rules that need one keep still."""

    source: Source
    file: SiteFile
    day: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseDraft:
    """One case and where it stands."""

    category: str
    title: str
    file: str
    line: int
    case: CollectionCase | RetentionCase


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryDraft:
    """`fields` holds those without a fault of form; `written` names all that stand in the file."""

    source: Source
    category: str
    head: CategoryHead | None
    fields: Mapping[str, FieldFile]
    written: tuple[str, ...]
    cases: tuple[CaseDraft, ...]
    emergency: Mapping[str, Mapping[str, FieldFile]] = field(default_factory=dict)
    day: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PackDraft:
    site: SiteDraft | None
    categories: tuple[CategoryDraft, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeDraft:
    """A pack whose site could be read, for rules that look at site and categories together."""

    site: SiteDraft
    categories: tuple[CategoryDraft, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldDraft:
    """One field within its category and pack, as a field rule sees it."""

    name: str
    field: FieldFile
    category: CategoryDraft
    site: SiteFile | None
    emergency: str = ""  # the profile that brings it; empty for a field of every day

    @property
    def path(self) -> Path:
        return ("emergency", self.emergency, self.name) if self.emergency else ("fields", self.name)
