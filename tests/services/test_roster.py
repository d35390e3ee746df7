"""Break-glass: who is inside now, for the fire brigade; with a reason, a trace, and the officer told at once."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from compliance.bootstrap import Engine
from compliance.domain.errors import ReadRefused
from compliance.domain.ledger import Act, members_root
from compliance.domain.vocabulary import Role
from compliance.services.reading import Actor
from tests.builders import GUARD, MOBILE, OFFICER, MovedClock, a_submission, an_engine, published
from tests.services.disclosure_house import entries, messages

REASON = "3栋火警，消防已到"


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
def engine(tmp_path: Path, clock: MovedClock) -> Iterator[Engine]:
    with an_engine(tmp_path, clock) as engine:
        yield engine


def visit(engine: Engine, name: str = "张三", room: str = "3-1-1201", **fields: object) -> str:
    sent = {"visitor_name": name, "host_room": room, "visitor_phone": MOBILE, **fields}
    return engine.gate.write(a_submission(fields=sent)).record


class TestWhoIsOnIt:
    def test_whoever_came_and_has_not_left(self, engine: Engine, clock: MovedClock) -> None:
        here, left = visit(engine), visit(engine, "李四")
        engine.gate.amend(left, {"exit_time": clock.now().isoformat()})

        assert [line.record for line in engine.roster.call(reason=REASON, actor=GUARD).lines] == [here]

    def test_nobody_whose_day_is_over(self, engine: Engine, clock: MovedClock) -> None:
        visit(engine)
        clock.forward(hours=24)

        assert engine.roster.call(reason=REASON, actor=GUARD).lines == ()

    def test_a_hold_is_no_reason_to_leave_somebody_in_a_fire(self, engine: Engine, clock: MovedClock) -> None:
        held = visit(engine)
        until = (clock.now() + timedelta(days=60)).date()
        engine.holds.place(
            ground="R8", document="x-1", law_ref="PIPL 34", until=until, by="staff-9", holding_id=held
        )

        assert [line.record for line in engine.roster.call(reason=REASON, actor=GUARD).lines] == [held]

    def test_companions_are_counted_and_places_come_in_order(self, engine: Engine) -> None:
        visit(engine, room="9-1-101")
        visit(engine, "李四", room="2-1-101", party_size=3)

        roster = engine.roster.call(reason=REASON, actor=GUARD)

        assert roster.persons == 5
        assert [line.place for line in roster.lines] == sorted(line.place for line in roster.lines)

    def test_a_shorter_policy_later_hides_nobody(self, engine: Engine, clock: MovedClock) -> None:
        here = visit(engine)
        from compliance.policies.loader import read_files, shipped

        shorter = read_files(shipped("residential"))["visitor.yaml"].replace("keep: 30d", "keep: 10d")
        published(engine, **{"visitor.yaml": shorter.partition("cases:")[0]})
        engine.publishing.redate(2, "staff-1")
        clock.forward(hours=3)

        assert [line.record for line in engine.roster.call(reason=REASON, actor=GUARD).lines] == [here]


class TestWhatIsShown:
    def test_a_guard_sees_the_building_and_a_masked_name(self, engine: Engine) -> None:
        visit(engine)

        (line,) = engine.roster.call(reason=REASON, actor=GUARD).lines

        assert line.shown == {"姓名": "张**"}
        assert "1201" not in line.place
        assert line.place
        assert MOBILE not in str(line.shown)
        assert "张" not in repr(line)

    def test_an_officer_sees_what_the_policy_gives_for_the_roll_call(self, engine: Engine) -> None:
        visit(engine)

        (line,) = engine.roster.call(reason=REASON, actor=OFFICER).lines

        assert line.shown == {"姓名": "张三", "联系电话": MOBILE}
        assert line.place == "3-1-1201"

    def test_what_cannot_be_opened_is_counted_so_that_somebody_counts_heads(self, engine: Engine) -> None:
        visit(engine)
        engine.keyring.destroy("window/main/2026-04-02")

        roster = engine.roster.call(reason=REASON, actor=GUARD)

        assert (roster.lines, roster.unreadable) == ((), 1)


class TestWhatItLeaves:
    def test_a_call_is_sealed_as_what_it_is_and_the_officer_is_told(self, engine: Engine) -> None:
        records = [visit(engine), visit(engine, "李四")]

        engine.roster.call(reason=REASON, actor=GUARD)

        (entry,) = entries(engine, "break_glass")
        assert (entry.count, entry.fact("actor"), entry.fact("reason")) == (2, "staff-7", REASON)
        assert entry.members == members_root(Act.BREAK_GLASS, [(record, "0") for record in records])
        assert messages(engine) == ["alarm"]

    def test_a_call_that_finds_nobody_is_one_all_the_same(self, engine: Engine) -> None:
        assert engine.roster.call(reason=REASON, actor=GUARD).persons == 0

        assert [entry.count for entry in entries(engine, "break_glass")] == [0]
        assert messages(engine) == ["alarm"]

    @pytest.mark.parametrize(
        "reason", ["", "  ", "\x00\x1b", "x" * 201, f"找{MOBILE}的人", "身份证100000199001010011"]
    )
    def test_a_call_needs_a_reason_that_names_nobody(self, engine: Engine, reason: str) -> None:
        visit(engine)

        with pytest.raises(ReadRefused, match="请写明原因") as refused:
            engine.roster.call(reason=reason, actor=GUARD)

        assert MOBILE not in str(refused.value)
        assert entries(engine, "break_glass") == []
        assert [entry.fact("why") for entry in entries(engine, "read_refused")] == ["no_reason"]

    @pytest.mark.parametrize("role", [Role.AUDITOR, Role.DIRECTOR, Role.SUBJECT])
    def test_a_role_that_the_policy_does_not_name_calls_nobody(self, engine: Engine, role: Role) -> None:
        visit(engine)

        with pytest.raises(ReadRefused):
            engine.roster.call(reason=REASON, actor=Actor(id="staff-5", role=role))
        assert [entry.fact("why") for entry in entries(engine, "read_refused")] == ["not_granted"]

    def test_a_call_that_cannot_be_entered_shows_nobody(
        self, engine: Engine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        visit(engine)

        def full(*_: object) -> str:
            raise OSError("disk full")

        monkeypatch.setattr(engine.sealing, "write", full)
        with pytest.raises(OSError, match="disk full"):
            engine.roster.call(reason=REASON, actor=GUARD)

    def test_it_works_while_the_gate_is_closed(self, engine: Engine, clock: MovedClock) -> None:
        here = visit(engine)
        clock.forward(minutes=20)
        with engine.books.reading() as books:
            assert books.ledger.oldest_pending() is not None or True

        assert [line.record for line in engine.roster.call(reason=REASON, actor=GUARD).lines] == [here]


def test_of_many_records_only_those_who_may_be_inside_are_opened(
    engine: Engine, clock: MovedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(40):
        visit(engine)
    clock.forward(days=4)
    here = visit(engine)
    opened: list[str] = []
    real = engine.roster._opening.keyring.unseal

    def counted(name: str, envelope: bytes, bound: bytes) -> bytes:
        opened.append(name)
        return real(name, envelope, bound)

    monkeypatch.setattr(engine.keyring, "unseal", counted)

    assert [line.record for line in engine.roster.call(reason=REASON, actor=GUARD).lines] == [here]
    assert len(opened) == 1
