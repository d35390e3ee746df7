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
from compliance.policies.source import read
from compliance.policies.terms import Model

FILE = Path(__file__).parent / "law.yaml"
HOUSE = "E"
# Only these may lengthen storage (PIPL 19) or be the basis of PIPL 13(1)(3) and (7).
NATIONAL = frozenset({"法律", "行政法规"})
_ARTICLE = re.compile(r"\d+(?:\.\d+)*(?:\(\d+\)){0,3}\Z")


class LawUnknown(PolicyInvalid):
    """The law registry has no such article."""


class LawNotInForce(LawUnknown):
    """The article exists, and was not in force on the day."""


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
    """One article, with its text (or a short rendering where it says paraphrase) and its days: [since, until).

    `moved_to` and `moved_from` name the article of the same instrument that says the same after, or before, the day.
    """

    ref: str
    instrument: Instrument
    article: str
    zh: str
    en: str
    since: date
    until: date | None
    mark: str
    paraphrase: bool
    moved_to: str = ""
    moved_from: str = ""

    def in_force(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day < self.until)

    @property
    def successor(self) -> str:
        """The reference that took this one's place, or nothing."""
        return f"{self.instrument.short[0]} {self.moved_to}" if self.moved_to else ""


def law(ref: str, on: date | None = None) -> Law:
    """One article by its reference; raises `LawUnknown`, and `LawNotInForce` where a day is given and is outside."""
    name, _, article = ref.rpartition(" ")
    found = _registry().get((name, article))
    if found is None:
        raise LawUnknown(f"The law registry does not know “{ref}”.")
    if on is not None and not found.in_force(on):
        moved = f" Since then it is {found.successor}." if found.successor else ""
        raise LawNotInForce(f"“{ref}” was not in force on {on.isoformat()}.{moved}")
    return found


def laws(refs: str, on: date | None = None) -> tuple[Law, ...]:
    """Every article of a reference such as ``PIPL 13(1)(1), 14``; none for ``E``. Raises as `law` does."""
    if refs == HOUSE:
        return ()
    found: list[Law] = []
    name = ""
    for piece in refs.split(","):
        ref = piece.strip()
        if not _ARTICLE.match(ref):
            name = ref.rpartition(" ")[0]
        found.append(law(f"{name} {ref}" if _ARTICLE.match(ref) else ref, on))
    return tuple(found)


def as_of(ref: str, on: date) -> Law:
    """The article that says on a day what `ref` says now: an article that was renumbered is followed both ways."""
    found = law(ref)
    seen = {found.article}
    while not found.in_force(on):
        other = found.moved_to if found.until is not None and on >= found.until else found.moved_from
        if not other or other in seen:
            return law(ref, on)  # raises: nothing says it on that day
        seen.add(other)
        found = law(f"{found.instrument.key} {other}")
    return found


def instruments() -> tuple[Instrument, ...]:
    """Every instrument, as the file lists them."""
    return tuple(dict.fromkeys(entry.instrument for entry in _registry().values()))


def every_law() -> tuple[Law, ...]:
    """Every article, as the file lists them."""
    return tuple(dict.fromkeys(_registry().values()))


class _ArticleFile(Model):
    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)
    since: str | None = Field(default=None, alias="from")
    until: str | None = Field(default=None, alias="to")
    mark: str | None = None
    paraphrase: bool = False
    moved_to: str = ""
    moved_from: str = ""


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
            until=_day(entry.until),
            mark=entry.mark,
            paraphrase=entry.paraphrase,
        )
        for article, text in entry.articles.items():
            for name in dict.fromkeys((key, *entry.short)):
                if (name, article) in registry:
                    raise ValueError(f"law.yaml: {name} {article} stands for two articles")
                registry[name, article] = _law(instrument, article, text)
    return registry


def _law(instrument: Instrument, article: str, text: _ArticleFile) -> Law:
    return Law(
        ref=f"{instrument.short[0]} {article}",
        instrument=instrument,
        article=article,
        zh=text.zh,
        en=text.en,
        since=_day(text.since) or instrument.since,
        until=_day(text.until) or instrument.until,
        mark=text.mark or instrument.mark,
        paraphrase=text.paraphrase or instrument.paraphrase,
        moved_to=text.moved_to,
        moved_from=text.moved_from,
    )


def _day(written: str | None) -> date | None:
    return date.fromisoformat(written) if written else None
