"""What an impact assessment has to have looked at (PIPL 55), and the hash of it that the assessment names.

The scope is what calls for an assessment, and of each thing what PIPL 14(2) calls a change: purpose, method and kind.
A policy may therefore change around it and keep its assessment; once the scope itself changes, the hash does.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from hashlib import sha256

from compliance.domain.vocabulary import FieldType, Sensitivity
from compliance.policies.drafts import CategoryDraft
from compliance.policies.never import never_list
from compliance.policies.schema import FieldFile
from compliance.policies.site_schema import SiteFile

HASH_LENGTH = 16  # hex digits: told apart by people, not defended against forgers


def scope(site: SiteFile, categories: Iterable[CategoryDraft]) -> tuple[str, ...]:
    """Every trigger of PIPL 55 in a pack, as lines in a fixed order. Empty: no assessment is needed."""
    return tuple(sorted({*_of_site(site), *_of_categories(categories)}))


def scope_hash(lines: tuple[str, ...]) -> str:
    canonical = json.dumps(lines, ensure_ascii=True, separators=(",", ":"))
    return sha256(canonical.encode("ascii")).hexdigest()[:HASH_LENGTH]


def _of_site(site: SiteFile) -> Iterator[str]:
    for kind, parties in (("provided to", site.recipients), ("entrusted to", site.entrusted)):
        for party in parties:
            yield f"{kind} {party.name}: {party.purpose}: {', '.join(sorted(party.fields))}"
    if site.automated_denial is not None:
        yield "automated denial"
    for key in ("storage", "backup", "analytics"):
        region = getattr(site.regions, key)
        if not region.startswith("CN"):
            yield f"{key} in {region}"


def _of_categories(categories: Iterable[CategoryDraft]) -> Iterator[str]:
    for category in categories:
        if category.head is not None and category.head.under_14 is not None:
            yield f"{category.category}: children under fourteen"
        for name, field in category.fields.items():
            sensitive = field.sensitivity is Sensitivity.SENSITIVE or field.face is not None
            if sensitive and not _forbidden(name, field):
                yield f"{category.category}.{name}: {_kind(field)}"


def _forbidden(name: str, field: FieldFile) -> bool:
    # What may not be collected at all is not made better by assessing it.
    entry = never_list().get(name) or never_list().get(field.label.zh)
    return entry is not None and not entry.warn and field.type is not FieldType.VERIFICATION


def _kind(field: FieldFile) -> str:
    face = f" face in {field.face.store} by {field.face.transport}" if field.face else ""
    return f"{field.type.value} for {field.purpose} stored {field.store.value}{face}"
