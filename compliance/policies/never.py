"""What may never be collected for entry and exit: one list for all packs, by every name a field may go under."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pydantic import Field

from compliance.domain.policy import Never, Text
from compliance.policies.source import read
from compliance.policies.terms import AName, Model

# ID documents: verified, never kept, never taken as a pledge.
_DOCUMENT_RULES = ("L-04B", "L-047")
FILE = Path(__file__).parent / "never.yaml"


class NeverFile(Model):
    """One entry of never.yaml. `rule` is the lint rule that speaks when a policy lists it all the same.

    `strict`: not even observed, as no ID document is. `follows_from` is a type of field from which the same is known (L-018).
    """

    also: list[str] = Field(default_factory=list)
    article: str
    rule: str = "L-014"
    warn: bool = False
    strict: bool = False
    follows_from: str | None = None
    zh: str
    en: str


class _File(Model):
    never: dict[AName, NeverFile]


@dataclass(frozen=True, slots=True, kw_only=True)
class NeverEntry:
    never: Never
    rule: str
    warn: bool
    follows_from: str | None


@cache
def never_list() -> Mapping[str, NeverEntry]:
    """Every entry under its name and under each of its aliases; a name that stands for two things is refused."""
    source = read(FILE.name, FILE.read_text(encoding="utf-8"))
    listed: dict[str, NeverEntry] = {}
    for name, written in _File.model_validate(source.value).never.items():
        say = Text(zh=written.zh, en=written.en)
        strict = written.strict or written.rule in _DOCUMENT_RULES
        also = tuple(written.also)
        never = Never(name=name, also=also, article=written.article, say=say, strict=strict)
        for alias in (name, *written.also):
            if alias in listed:
                raise ValueError(f"never.yaml: {alias} stands for two entries")
            listed[alias] = NeverEntry(
                never=never, rule=written.rule, warn=written.warn, follows_from=written.follows_from
            )
    return listed
