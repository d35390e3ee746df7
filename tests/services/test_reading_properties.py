"""For any policy, purpose, role and state, a reading returns no field that the policy does not grant.

The policy is the shipped one with its grants dealt anew, the record is whole, and anything may have happened to it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compliance.bootstrap import Engine
from compliance.domain.errors import ReadRefused, RecordUnknown
from compliance.domain.policy import Pack
from compliance.domain.vocabulary import FieldType, Role, ShowAs
from compliance.services.reading import Actor
from tests.builders import MOBILE, START, MovedClock, a_pack, a_submission, an_engine

PURPOSES = (*sorted(a_pack().site.purposes), "marketing", "")
FIELDS = sorted(a_pack().categories["visitor"].fields)
WHOLE = {"visitor_phone": MOBILE, "visit_purpose": "商务", "party_size": 2, "host_confirm": "已确认"}
grants = st.fixed_dictionaries(
    {
        name: st.dictionaries(
            st.sampled_from(PURPOSES), st.sets(st.sampled_from(list(Role)), max_size=3).map(tuple), max_size=3
        )
        for name in FIELDS
    }
)
happenings = st.sets(
    st.sampled_from(["left", "held", "held around", "withdrawn", "a day", "a month", "swept"])
)


class House:
    def __init__(self, home: Path) -> None:
        self.clock = MovedClock()
        self.engine: Engine = an_engine(home, self.clock)
        self.pack: Pack = self.engine.policies._read[1]

    def deal(self, dealt: dict[str, dict[str, tuple[Role, ...]]]) -> None:
        """Put another policy in the place of the published one: the same fields, other readers."""
        policy = self.pack.categories["visitor"]
        fields = {name: replace(rule, read_by=dealt[name]) for name, rule in policy.fields.items()}
        categories = {**self.pack.categories, "visitor": replace(policy, fields=fields)}
        self.engine.policies._read[1] = replace(self.pack, categories=categories)

    def happen(self, record: str, what: set[str]) -> None:
        engine, until = self.engine, (self.clock.now() + timedelta(days=90)).date()
        held: dict[str, Any] = {
            "ground": "R8",
            "document": "x-1",
            "law_ref": "PIPL 34",
            "until": until,
            "by": "staff-9",
        }
        if "left" in what:
            engine.gate.amend(record, {"exit_time": self.clock.now().isoformat()})
        if "held" in what:
            engine.holds.place(**held, holding_id=record)
        if "held around" in what:
            engine.holds.place(**held, category="visitor")
        if "withdrawn" in what:
            with engine.books.writing() as books:
                books.consents.withdraw([one.id for one in books.consents.of_holding(record)], "2026-03-02")
        self.clock.forward(hours=30 if "a day" in what else 0, days=40 if "a month" in what else 0)
        if "swept" in what:
            engine.retention.sweep()

    def settle(self) -> None:
        for hold in self.engine.holds.standing():
            self.engine.holds.release(hold.id, "staff-9")
        self.clock.to(START)
        self.engine.policies._read[1] = self.pack


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    with tempfile.TemporaryDirectory() as home:
        house = House(Path(home))
        yield house
        house.engine.close()


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(dealt=grants, purpose=st.sampled_from(PURPOSES), role=st.sampled_from(list(Role)), what=happenings)
def test_a_reading_never_returns_what_the_policy_does_not_grant(
    house: House, dealt: dict[str, dict[str, tuple[Role, ...]]], purpose: str, role: Role, what: set[str]
) -> None:
    engine = house.engine
    record = engine.gate.write(a_submission(fields=WHOLE)).record
    with engine.books.reading() as books:
        row = books.holdings.find(record)
    assert row is not None
    actor = Actor(id="staff-5", role=role)
    try:
        house.deal(dealt)
        house.happen(record, what)
        pages = engine.reader.page([row], purpose, actor)
        try:
            readings = [engine.reader.read(record, purpose, actor)]
        except (ReadRefused, RecordUnknown):
            readings = []
        assert [dict(one.fields) for one in pages] == [dict(one.fields) for one in readings]
        for reading in (*readings, *pages):
            assert not what & {"held", "a month"}
            assert {name for name in reading.fields if role not in dealt[name].get(purpose, ())} == set()
            for name, value in reading.fields.items():
                rule = house.pack.categories["visitor"].fields[name]
                hidden = rule.show_as in (ShowAs.MASK, ShowAs.SURNAME, ShowAs.BUILDING)
                if role is Role.GUARD and hidden and rule.type is not FieldType.TIME:
                    assert value != {**WHOLE, "visitor_name": "张三", "host_room": "3-1-1201"}[name]
    finally:
        house.settle()
