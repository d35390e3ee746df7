"""The ceilings and parties that the rules compare with, read from bounds.yaml."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from pydantic import Field

from compliance.policies.source import read
from compliance.policies.terms import APeriod, Model

POLICIES = Path(__file__).parent.parent


class Bound(Model):
    soft: APeriod
    hard: APeriod
    outsiders: bool = False
    fields: int | None = None
    room: APeriod | None = None


class Bounds(Model):
    default: Bound
    categories: dict[str, Bound]
    recordings: Bound
    key_target: Bound
    image_purposes: list[str]
    id_kinds: list[str]
    request_asks: list[str]
    parties: dict[str, list[str]] = Field(description="subject → the purposes it is a party for; empty: any")

    def of(self, category: str) -> Bound:
        return self.categories.get(category, self.default)


@cache
def bounds() -> Bounds:
    path = POLICIES / "bounds.yaml"
    return Bounds.model_validate(read(path.name, path.read_text(encoding="utf-8")).value)
