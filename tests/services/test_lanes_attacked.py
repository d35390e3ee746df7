"""Ways in which the quick path once said yes where the specification does not, or to something else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from compliance.domain.collection import Admitted
from compliance.domain.policy import Pack
from compliance.domain.submission import Defaults
from compliance.domain.vocabulary import Door
from compliance.policies.instruments import INSTRUMENTS
from compliance.services.gate import Gate
from compliance.services.judging import Judging
from compliance.services.lanes import Lanes
from tests.builders import START, a_pack, a_pack_with, an_engine
from tests.services.test_lanes import POSTED, around, in_full, same

LINE: dict[str, Any] = {
    "category": "vehicle",
    "channel": "lpr",
    "notice": POSTED,
    "collected_at": START.isoformat(),
    "fields": {"plate_no": "京AD00000"},
}


@pytest.mark.parametrize("name", ["category", "channel", "site"])
def test_a_word_that_says_null_is_not_one_that_is_left_out(name: str) -> None:
    said = {"category": "vehicle", "channel": "lpr", "site": "main"}
    defaults = Defaults(door=Door.BATCH, **{name: said[name]})
    judging = Judging(Lanes(a_pack(), INSTRUMENTS), around(a_pack()), defaults)
    left_out = {key: value for key, value in LINE.items() if key != name}
    assert isinstance(judging.decide(left_out).verdict, Admitted)

    wrongs: tuple[Any, ...] = (None, "", 0, False, [], {})
    for wrong in wrongs:
        raw = {**LINE, name: wrong}
        same(judging.decide(raw).verdict, in_full(raw, defaults, a_pack()))


@pytest.mark.parametrize("offset", ["+08:00", "+00:00", "-05:30"])
def test_a_moment_that_one_asks_by_is_the_same_moment_in_every_zone(offset: str) -> None:
    pack = a_pack_with("vehicle", subject=("entry_time", "plate_no"))
    raw = {**LINE, "fields": {**LINE["fields"], "entry_time": f"2026-02-20T05:00:00{offset}"}}
    for sent in (raw, {**LINE, "collected_at": f"2026-02-20T05:00:00{offset}"}):
        quick = Judging(Lanes(pack, INSTRUMENTS), around(pack), Defaults(door=Door.BATCH)).decide(sent)

        same(quick.verdict, in_full(sent, Defaults(door=Door.BATCH), pack))


class Raced(Gate):
    """A gate in which another thread puts other lanes in place each time that they have been looked at."""

    _others: Iterator[Lanes | None]

    @property
    def _lanes(self) -> Lanes | None:
        return next(self._others)

    @_lanes.setter
    def _lanes(self, lanes: Lanes | None) -> None: ...


def test_a_decision_rests_on_one_version_although_another_comes_into_force_meanwhile(tmp_path: Path) -> None:
    with an_engine(tmp_path) as engine, engine.books.reading() as books:
        new: Pack = engine.policies.active(books, engine.clock.now())
        old = replace(new, categories={**new.categories, "vehicle": replace(new.categories["vehicle"])})
        gate = engine.gate
        lanes = {id(pack): Lanes(pack, INSTRUMENTS) for pack in (old, new)}
        for seen in ((new, old, old, old), (old, new, old, new), (old, old, old, old)):
            gate.__class__ = Raced
            gate._others = iter([lanes[id(pack)] for pack in seen])  # type: ignore[attr-defined]
            (decision,) = gate._decide([LINE], new, Defaults(door=Door.BATCH))
            assert isinstance(decision.verdict, Admitted)
            assert decision.verdict.policy is new.categories["vehicle"]
