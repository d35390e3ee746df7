"""The law registry: every legal reference that anything prints is looked up here, and an unknown one is a fault.

A reference reads ``PIPL 6(2)`` (article, paragraph, item) or several of one instrument, ``PIPL 13(1)(1), 14``.
``E`` is an engine choice: no law, and never shown as one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from pydantic import Field

from compliance.domain.errors import PolicyInvalid
from compliance.policies.schema import Model
from compliance.policies.source import read

FILE = Path(__file__).parent / "law.yaml"
HOUSE = "E"
# Only these may lengthen storage (PIPL 19) or be the basis of PIPL 13(1)(3) and (7).
NATIONAL = frozenset({"法律", "行政法规"})
_ARTICLE = re.compile(r"\d+(?:\(\d+\)){0,2}\Z")


class LawUnknown(PolicyInvalid):
    """The law registry has no such article."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """One law or rule. `mark`: V the text was read, V2 second-hand."""

    key: str
    zh: str
    en: str
    short: tuple[str, ...]
    level: str
    since: date
    until: date | None
    mark: str
    paraphrase: bool

    @property
    def national(self) -> bool:
        return self.level in NATIONAL

    def in_force(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day < self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """One article, with its text (or a short rendering where the instrument says paraphrase)."""

    ref: str
    instrument: Instrument
    article: str
    zh: str
    en: str


def law(ref: str) -> Law:
    """One article by its reference; raises `LawUnknown`."""
    name, _, article = ref.rpartition(" ")
    found = _registry().get((name, article))
    if found is None:
        raise LawUnknown(f"The law registry does not know “{ref}”.")
    return found


def laws(refs: str) -> tuple[Law, ...]:
    """Every article of a reference such as ``PIPL 13(1)(1), 14``; none for ``E``. Raises `LawUnknown`."""
    if refs == HOUSE:
        return ()
    found: list[Law] = []
    name = ""
    for piece in refs.split(","):
        ref = piece.strip()
        if not _ARTICLE.match(ref):
            name = ref.rpartition(" ")[0]
        found.append(law(f"{name} {ref}" if _ARTICLE.match(ref) else ref))
    return tuple(found)


def instruments() -> tuple[Instrument, ...]:
    """Every instrument, as the file lists them."""
    return tuple(dict.fromkeys(entry.instrument for entry in _registry().values()))


class _ArticleFile(Model):
    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)


class _InstrumentFile(Model):
    zh: str
    en: str
    short: list[str]
    level: str
    since: str = Field(alias="from")
    until: str | None = Field(default=None, alias="to")
    mark: str
    paraphrase: bool = False
    articles: dict[str, _ArticleFile] = Field(min_length=1)


class _File(Model):
    instruments: dict[str, _InstrumentFile]


@cache
def _registry() -> Mapping[tuple[str, str], Law]:
    written = _File.model_validate(read(FILE.name, FILE.read_text(encoding="utf-8")).value)
    registry: dict[tuple[str, str], Law] = {}
    for key, entry in written.instruments.items():
        instrument = Instrument(
            key=key,
            zh=entry.zh,
            en=entry.en,
            short=tuple(entry.short),
            level=entry.level,
            since=date.fromisoformat(entry.since),
            until=date.fromisoformat(entry.until) if entry.until else None,
            mark=entry.mark,
            paraphrase=entry.paraphrase,
        )
        for article, text in entry.articles.items():
            for name in dict.fromkeys((key, *entry.short)):
                if (name, article) in registry:
                    raise ValueError(f"law.yaml: {name} {article} stands for two articles")
                registry[name, article] = Law(
                    ref=f"{entry.short[0]} {article}",
                    instrument=instrument,
                    article=article,
                    zh=text.zh,
                    en=text.en,
                )
    return registry
