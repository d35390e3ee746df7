"""A figure is one ratio: how long the database alone takes for the same rows, divided by how long the engine takes."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import dataclass, field
from time import perf_counter
from typing import TypeVar


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """`ratio` is the median over the runs of bare ÷ engine: 1 means as fast as the other side. `goal` is the least that it is to be."""

    name: str
    database: str
    ratios: tuple[float, ...]
    rows_a_second: float
    goal: float | None = None

    @property
    def ratio(self) -> float:
        return statistics.median(self.ratios)

    def as_json(self) -> dict[str, object]:
        return {
            "figure": self.name,
            "ratio": round(self.ratio, 3),
            "goal": self.goal,
            "runs": len(self.ratios),
            "database": self.database,
        }


@dataclass(slots=True)
class Course:
    """Collects interleaved runs: the engine's and the bare one's seconds for the same records, one pair after the other."""

    name: str
    database: str
    engine: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)

    def figure(self, records: int, goal: float | None = None) -> Figure:
        # The first pair warms caches, connections and compiled statements on both sides, and is not counted.
        pairs = list(zip(self.bare, self.engine, strict=True))[1:]
        return Figure(
            name=self.name,
            database=self.database,
            ratios=tuple(bare / engine for bare, engine in pairs),
            rows_a_second=records / statistics.median(engine for _, engine in pairs),
            goal=goal,
        )


T = TypeVar("T")


def timed(act: Callable[[], T]) -> tuple[float, T]:
    started = perf_counter()
    answer = act()
    return perf_counter() - started, answer


def seconds(act: Callable[[], object]) -> float:
    return timed(act)[0]
