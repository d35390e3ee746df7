"""What holds for any submission and any history."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compliance.bootstrap import Engine
from compliance.domain.collection import Refused
from compliance.domain.errors import CollectionRefused, RecordUnknown
from compliance.domain.reasons import Reason
from compliance.domain.submission import Defaults
from compliance.domain.vocabulary import Door
from compliance.ports import Receipt
from compliance.services.contents import bound
from tests.besieged import fits
from tests.builders import MOBILE, START, MovedClock, a_pack, a_submission, an_engine, codes, sql
from tests.strategies import ID_NUMBER, happenings, submissions

LIGHT = settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    with an_engine(tmp_path, MovedClock()) as engine:
        yield engine


def kept(engine: Engine, record: str) -> tuple[str, dict[str, Any]]:
    """A record's category and all that is sealed of it, opened past the policy."""
    with engine.books.reading() as books:
        holding = books.holdings.find(record)
        assert holding is not None
        content: dict[str, Any] = {}
        for part in books.holdings.parts(holding.no):
            ((envelope,),) = sql_of(books, holding.no, part.part_no)
            clear = engine.keyring.unseal(
                part.key, envelope, bound(record, part.part_no, holding.policy_version)
            )
            content |= msgspec.json.decode(clear)
        return holding.category, content


def tried(engine: Engine, raw: Any) -> tuple[Receipt | None, tuple[Reason, ...]]:
    """The receipt, or the reasons; anything else that is raised is a failure."""
    try:
        return engine.gate.write(raw, defaults=Defaults(site="main")), ()
    except CollectionRefused as refused:
        return None, refused.reasons


def sql_of(books: Any, no: int, part: int) -> list[Any]:
    found = books.connection.exec_driver_sql(
        f"SELECT envelope FROM vault WHERE holding_no={no} AND part_no={part}"
    )
    return list(found)


class TestTheDoorIn:
    @LIGHT
    @given(raw=submissions)
    def test_nothing_outside_the_policy_ever_reaches_a_store(self, engine: Engine, raw: Any) -> None:
        receipt, reasons = tried(engine, raw)
        if receipt is None:
            assert reasons
            assert ID_NUMBER not in str(reasons)
            return

        category, content = kept(engine, receipt.record)
        policy = a_pack().categories[category]
        assert set(content) <= set(policy.fields)
        for name, value in content.items():
            assert fits(policy.fields[name], value, START), name
        assert ID_NUMBER not in str(content)

    @LIGHT
    @given(lines=st.lists(submissions, max_size=8), door=st.sampled_from(Door))
    def test_a_batch_has_an_outcome_for_every_line(
        self, engine: Engine, lines: list[Any], door: Door
    ) -> None:
        before = sql(engine, "SELECT count(*) FROM holding")[0][0]

        outcomes = list(engine.gate.write_many(lines, defaults=Defaults(door=door)))

        assert len(outcomes) == len(lines)
        fresh = {
            one.receipt.record for one in outcomes if one.receipt is not None and not one.receipt.replayed
        }
        assert sql(engine, "SELECT count(*) FROM holding")[0][0] - before == len(fresh)
        for one in outcomes:
            assert one.receipt is not None or one.erased or one.reasons

    @LIGHT
    @given(raw=submissions)
    def test_a_check_and_a_write_agree(self, engine: Engine, raw: Any) -> None:
        checked = engine.gate.check(raw, engine.active_pack(), Defaults(site="main"), take_as_given=False)
        written = codes(tried(engine, raw)[1])

        assert written - {"key_reused:key"} == (codes(checked) if isinstance(checked, Refused) else set())

    @LIGHT
    @given(
        fields=st.dictionaries(
            st.text(max_size=12) | st.just("exit_time"), st.text() | st.none() | st.integers(), max_size=4
        )
    )
    def test_an_amendment_never_raises_anything_but_reasons(
        self, engine: Engine, fields: dict[str, Any]
    ) -> None:
        record = engine.gate.write(a_submission()).record
        with suppress(CollectionRefused):
            engine.gate.amend(record, fields)


class House:
    """A house in which things happen, and what must hold after each of them."""

    def __init__(self, engine: Engine, clock: MovedClock) -> None:
        self.engine, self.clock = engine, clock
        self.records: list[str] = []

    def happen(self, what: str) -> None:
        engine, clock = self.engine, self.clock
        match what:
            case "write":
                self.records.append(engine.gate.write(a_submission(fields={"visitor_phone": MOBILE})).record)
            case "deliver":
                fields = {"platform": "顺丰", "dest_building": "3栋", "courier_phone": MOBILE}
                raw = a_submission(category="delivery") | {"fields": fields}
                self.records.append(engine.gate.write(raw).record)
            case "exit" if self.records:
                with suppress(CollectionRefused, RecordUnknown):
                    engine.gate.amend(self.records[-1], {"exit_time": clock.now().isoformat()})
            case "hold" if self.records and self.there(self.records[0]):
                self.hold(holding_id=self.records[0])
            case "hold all":
                self.hold()
            case "release":
                for standing in engine.holds.standing()[:1]:
                    engine.holds.release(standing.id, "staff-7")
            case "sweep":
                engine.retention.sweep()
            case "hour" | "day" | "fortnight":
                clock.forward(hours={"hour": 1, "day": 24, "fortnight": 336}[what])
            case _:
                pass

    def hold(self, **scope: str) -> None:
        self.engine.holds.place(
            ground="R8",
            document="协查〔2026〕1号",
            law_ref="刑事诉讼法 54",
            until=date(2027, 12, 1),
            by="staff-7",
            **scope,
        )

    def there(self, record: str) -> bool:
        with self.engine.books.reading() as books:
            return books.holdings.find(record) is not None

    def due(self) -> set[tuple[int, int]]:
        now = int(self.clock.now().timestamp())
        rows = sql(self.engine, "SELECT holding_no, part_no FROM part WHERE erase_at <= :now", now=now)
        return {(int(no), int(part)) for no, part in rows}

    def everything(self) -> list[Any]:
        return [
            sql(self.engine, "SELECT * FROM part ORDER BY 1, 2"),
            sql(self.engine, "SELECT * FROM vault ORDER BY 1, 2"),
            sql(self.engine, "SELECT * FROM token ORDER BY 1, 2, 3"),
        ]


HISTORY = settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("homes")


def a_house(homes: Path) -> House:
    clock = MovedClock()
    return House(an_engine(homes / str(len(list(homes.iterdir()))), clock), clock)


class TestTheDoorOut:
    @HISTORY
    @given(history=happenings)
    def test_once_due_always_due_until_disposed_of(self, homes: Path, history: list[str]) -> None:
        house = a_house(homes)
        for what in history:
            before = house.due()
            house.happen(what)
            left = {(int(n), int(p)) for n, p in sql(house.engine, "SELECT holding_no, part_no FROM part")}

            assert before & left <= house.due(), what
            if what != "sweep":
                assert before <= left, what
        house.engine.close()

    @HISTORY
    @given(history=happenings)
    def test_a_sweep_leaves_nothing_that_is_due_and_not_held(self, homes: Path, history: list[str]) -> None:
        house = a_house(homes)
        for what in [*history, "sweep"]:
            house.happen(what)
        due = house.due()

        states = sql(
            house.engine,
            "SELECT DISTINCT state FROM part WHERE erase_at <= :n",
            n=int(house.clock.now().timestamp()),
        )
        assert {row[0] for row in states} <= {"restricted"}
        assert not due or house.engine.holds.standing()
        house.engine.close()

    @HISTORY
    @given(history=happenings)
    def test_sweeping_twice_is_sweeping_once(self, homes: Path, history: list[str]) -> None:
        house = a_house(homes)
        for what in [*history, "sweep"]:
            house.happen(what)
        once = house.everything()

        again = house.engine.retention.sweep()

        assert house.everything() == once
        assert (again.disposed.erased_parts, again.disposed.restricted_parts) == (0, 0)
        house.engine.close()

    @HISTORY
    @given(history=happenings, scope=st.sampled_from(["hold", "hold all"]))
    def test_more_holds_never_dispose_of_more(self, homes: Path, history: list[str], scope: str) -> None:
        left = []
        for holds in ([], [scope]):
            house = a_house(homes)
            for what in [*history, *holds, "day", "sweep"]:
                house.happen(what)
            left.append(
                {(int(n), int(p)) for n, p in sql(house.engine, "SELECT holding_no, part_no FROM part")}
            )
            house.engine.close()

        without, held = left
        assert without <= held

    @HISTORY
    @given(history=happenings)
    def test_whatever_happened_the_ledger_verifies_and_everything_goes(
        self, homes: Path, history: list[str]
    ) -> None:
        house = a_house(homes)
        for what in history:
            house.happen(what)
        house.engine.sealing.verify()
        for standing in house.engine.holds.standing():
            house.engine.holds.release(standing.id, "staff-7")
        house.clock.forward(days=200)

        swept = house.engine.retention.sweep()

        assert (swept.left, swept.disposed.waiting_parts) == (0, 0)
        assert house.everything() == [[], [], []]
        assert house.engine.keyring.names("window/") == house.engine.keyring.names("own/") == []
        assert house.engine.sealing.verify().pending == 0
        house.engine.close()
