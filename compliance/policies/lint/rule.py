"""What a lint rule is: words, a severity, and one small function that yields the places that break it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

from compliance.policies.fault import Fault, Severity
from compliance.policies.sentences import fault
from compliance.policies.source import Path, Source
from compliance.policies.words import Said

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """One place that breaks a rule, and the words for the rule's slots."""

    path: Path
    words: Mapping[str, str] = field(default_factory=dict)
    source: Source | None = None  # where the rule looks at several files: the one that is meant


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule(Generic[T]):
    """One rule over a site, a category or a field."""

    said: Said
    severity: Severity
    check: Callable[[T], Iterator[Spot]]

    def faults(self, draft: T, source: Source) -> Iterator[Fault]:
        for spot in self.check(draft):
            said = self.said
            if spot.words:
                said = replace(said, **{key: _fill(getattr(said, key), spot.words) for key in _SAID})
            yield fault(spot.source or source, spot.path, said, self.severity)


_SAID = ("article", "zh", "en", "instead")


def _fill(text: str, words: Mapping[str, str]) -> str:
    for slot, word in words.items():
        text = text.replace("{" + slot + "}", word)
    return text


def rule(
    number: str,
    article: str,
    *,
    zh: str,
    en: str,
    instead: str = "",
    severity: Severity = Severity.ERROR,
) -> Callable[[Callable[[T], Iterator[Spot]]], Rule[T]]:
    """Declare a rule beside its function. `article` is ``E`` where the rule is an engine choice."""

    def declare(check: Callable[[T], Iterator[Spot]]) -> Rule[T]:
        said = Said(rule=number, article=article, zh=zh, en=en, instead=instead)
        return Rule(said=said, severity=severity, check=check)

    return declare


def said_by(
    said: Said, severity: Severity = Severity.ERROR
) -> Callable[[Callable[[T], Iterator[Spot]]], Rule[T]]:
    """A rule whose words are shared with what a file's form can break."""

    def declare(check: Callable[[T], Iterator[Spot]]) -> Rule[T]:
        return Rule(said=said, severity=severity, check=check)

    return declare
