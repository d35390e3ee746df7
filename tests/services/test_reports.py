"""The officer's month, counted through the doors: what went in, what went out, what is owed, what was signed."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import delete, insert, update

from compliance.bootstrap import DEMO, Engine, bootstrap
from compliance.config import Settings
from compliance.db.tables import ledger_head, part, review
from compliance.db.unit_of_work import SqlUnitOfWork
from compliance.domain.errors import CollectionRefused, ReadRefused, ReviewRefused
from compliance.domain.ledger import Act, parse
from compliance.domain.report import (
    CategoryFigures,
    MonthFigures,
    canonical_json,
    digest,
    figures_of,
    last_month,
    next_month,
)
from compliance.domain.vocabulary import Role
from compliance.policies.loader import load, load_text, read_files, shipped
from compliance.ports import RequestRow
from compliance.services.reading import Actor
from compliance.services.reports import NewFinding, Reports
from tests.builders import assessed

OCTOBER = "2026-10"
BEGIN = datetime(2026, 10, 1, 2, 0, tzinfo=UTC)  # ten in the morning in Shanghai


class Hands:
    """A clock that is set by hand."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        self.seconds = 0.0

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        self.seconds += 10
        return self.seconds

    def boot(self) -> str:
        return "this boot"

    def set(self, at: datetime) -> None:
        self.seconds += max((at - self.at).total_seconds(), 0)
        self.at = at


class Home:
    """A home with the shipped pack published, a clock of its own, and the reports over it."""

    def __init__(self, folder: Path, database: str = "") -> None:
        self.clock = Hands(BEGIN)
        settings = Settings(home=folder, database=database)
        self.engine: Engine = bootstrap(settings, kind=DEMO, clock=self.clock)
        pack = shipped("residential")
        assessed(self.engine, load(pack))
        self.engine.publishing.publish(load(pack), read_files(pack), "officer-1")
        self.reports = Reports(
            books=self.engine.books,
            clock=self.clock,
            ids=self.engine.ids,
            policies=self.engine.policies,
            sealing=self.engine.sealing,
        )

    def visit(self, at: datetime, name: str = "张三") -> str:
        self.clock.set(at)
        moment = at.isoformat()
        fields = {"visitor_name": name, "host_room": "3-1-1201", "entry_time": moment, "exit_time": moment}
        return self.engine.gate.write(
            {
                "category": "visitor",
                "channel": "desk",
                "collected_at": moment,
                "fields": fields,
                "notice": {"mode": "oral", "by": "staff-7"},
                "consent": [{"kind": "plain", "by": "self", "act": "spoken"}],
            }
        ).record

    def refuse(self, at: datetime) -> None:
        self.clock.set(at)
        with pytest.raises(CollectionRefused):
            self.engine.gate.write(
                {
                    "category": "visitor",
                    "channel": "desk",
                    "collected_at": at.isoformat(),
                    "fields": {
                        "visitor_name": "李四",
                        "host_room": "3-1-1201",
                        "id_number": "100000199001010011",
                    },
                    "notice": {"mode": "oral", "by": "staff-7"},
                    "consent": [{"kind": "plain", "by": "self", "act": "spoken"}],
                }
            )

    def visitors(self, month: str = OCTOBER) -> CategoryFigures:
        self.engine.sealing.seal()
        (found,) = [one for one in self.reports.month(month).categories if one.category == "visitor"]
        return found

    def connect(self) -> SqlUnitOfWork:
        assert isinstance(self.engine.books, SqlUnitOfWork)
        return self.engine.books


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    made = Home(tmp_path)
    yield made
    made.engine.close()


def on(day: int, hour: int = 4, month: int = 10) -> datetime:
    return datetime(2026, month, day, hour, 0, tzinfo=UTC)


class TestTheMonth:
    def test_an_empty_month_names_every_category_of_the_policy(self, home: Home) -> None:
        figures = home.reports.month(OCTOBER)
        assert {one.category for one in figures.categories} >= {"visitor", "delivery", "vehicle", "service"}
        assert (figures.mode, figures.policy_version, figures.site) == ("enforce", 1, "main")
        assert len(figures.days) == 31
        assert not figures.complete

    def test_what_was_admitted_refused_and_read_is_counted_by_day_and_reason(self, home: Home) -> None:
        first = home.visit(on(5))
        home.visit(on(5, 5), "王五")
        home.refuse(on(6))
        home.engine.reader.read(first, "entry_security", Actor(id="staff-7", role=Role.OFFICER))
        found = home.visitors()
        assert (found.admitted, found.read, found.held_records) == (2, 1, 2)
        assert [(reason.code, reason.n) for reason in found.refused] == [("over_collection", 1)]
        days = {day.day: day for day in home.reports.month(OCTOBER).days}
        assert (days["2026-10-05"].admitted, days["2026-10-06"].refused) == (2, 1)
        assert sum(day.admitted for day in days.values()) == 2

    def test_a_record_swept_on_time_is_erased_and_no_longer_held(self, home: Home) -> None:
        home.visit(on(5))
        home.clock.set(datetime(2026, 11, 4, 16, 0, 1, tzinfo=UTC))  # a second into 5 November in Shanghai
        before = home.visitors("2026-11")
        assert (before.overdue, before.oldest_due, before.held_records) == (1, "2026-11-04", 1)
        home.engine.retention.sweep()
        after = home.visitors("2026-11")
        assert (after.overdue, after.held_records) == (0, 0)
        assert (after.erased, after.erased_parts, after.late) == (1, 1, 0)

    def test_a_record_swept_after_two_days_is_late(self, home: Home) -> None:
        home.visit(on(5))
        home.clock.set(on(7, month=11))
        home.engine.retention.sweep()
        found = home.visitors("2026-11")
        assert (found.erased_parts, found.late) == (1, 1)

    def test_a_month_is_cut_at_its_midnights(self, home: Home) -> None:
        home.visit(datetime(2026, 10, 31, 15, 59, 59, tzinfo=UTC))
        home.visit(datetime(2026, 10, 31, 16, 0, 0, tzinfo=UTC), "王五")
        assert home.visitors(OCTOBER).admitted == 1
        assert home.visitors("2026-11").admitted == 1

    def test_the_change_since_last_month_is_known_for_what_happened(self, home: Home) -> None:
        home.visit(on(5))
        home.visit(on(3, month=11), "王五")
        home.visit(on(4, month=11), "赵六")
        found = home.visitors("2026-11")
        assert (found.admitted, found.change("admitted")) == (2, 1)
        assert found.change("held_records") is None

    def test_the_change_of_what_stands_is_known_where_last_month_was_signed(self, home: Home) -> None:
        home.visit(on(5))
        home.clock.set(on(1, month=11))
        home.reports.review(OCTOBER, "officer-1")
        home.visit(on(3, month=11), "王五")
        assert home.visitors("2026-11").change("held_records") == 1

    def test_the_ledger_head_vouches_for_the_report(self, home: Home) -> None:
        home.visit(on(5))
        home.engine.sealing.seal()
        head = home.reports.month(OCTOBER).ledger
        assert head.size >= 2
        assert len(head.root) == 64
        assert head.pending == 0

    def test_a_category_that_the_policy_no_longer_has_is_still_shown(self, home: Home) -> None:
        home.visit(on(5))
        files = read_files(shipped("residential"))
        del files["visitor.yaml"]
        home.clock.set(on(6))
        assessed(home.engine, load_text(files))
        home.engine.publishing.publish(load_text(files), files, "officer-1", second="director-1")
        found = home.visitors()
        assert (found.label_zh, found.held_records, found.admitted) == ("visitor", 1, 1)

    def test_refusals_of_no_known_category_are_shown_as_such(self, home: Home) -> None:
        with pytest.raises(CollectionRefused):
            home.engine.gate.write({"category": "burglar", "channel": "desk", "fields": {}})
        (found,) = [one for one in home.reports.month(OCTOBER).categories if one.category == ""]
        assert found.label_zh == "不分类别"
        assert [reason.code for reason in found.refused] == ["unknown_category"]

    def test_what_no_head_covers_yet_is_counted_as_pending(self, home: Home) -> None:
        with home.connect().writing() as books:
            before = books.ledger.head()
            assert before is not None
            books.connection.execute(delete(ledger_head))
            books.ledger.write(parse(books.ledger.entries()[0][2]), "A" * 20, 0)
        head = home.reports.month(OCTOBER).ledger
        assert (head.size, head.root, head.pending) == (0, "", 1)
        with home.connect().writing() as books:
            books.ledger.put_head(before)

    def test_it_says_that_disposal_is_paused(self, home: Home) -> None:
        assert not home.reports.month(OCTOBER).paused
        home.engine.retention.pause("officer-1", "示例")
        assert home.reports.month(OCTOBER).paused

    @pytest.mark.parametrize(
        ("month", "before", "after"), [("2026-01", "2025-12", "2026-02"), ("2026-12", "2026-11", "2027-01")]
    )
    def test_a_year_ends_between_two_months(self, month: str, before: str, after: str) -> None:
        assert (last_month(month), next_month(month)) == (before, after)

    @pytest.mark.parametrize("month", ["2026-13", "2026-1", "1.1.26", "", "2026-10-01", "1999-12"])
    def test_a_month_written_otherwise_is_refused(self, home: Home, month: str) -> None:
        with pytest.raises(ReviewRefused):
            home.reports.month(month)

    def test_a_month_to_come_is_refused(self, home: Home) -> None:
        with pytest.raises(ReviewRefused):
            home.reports.month("2026-11")
        assert home.reports.this_month() == OCTOBER


class TestWhatIsHeldBack:
    def test_a_held_record_is_restricted_under_its_law_and_never_overdue(self, home: Home) -> None:
        record = home.visit(on(5))
        home.engine.holds.place(
            ground="R8",
            document="示例公函1号",
            law_ref="刑事诉讼法 54",
            until=date(2027, 1, 31),
            by="officer-1",
            holding_id=record,
        )
        home.clock.set(on(7, month=11))
        assert home.visitors("2026-11").overdue == 0
        home.engine.retention.sweep()
        found = home.visitors("2026-11")
        assert [(one.reason, one.law_ref, one.until, one.n) for one in found.restricted] == [
            ("legal_hold", "刑事诉讼法 54", "2027-01-31", 1)
        ]
        assert (found.holds, found.overdue, found.held_records) == (1, 0, 1)

    def test_a_statute_s_minimum_restricts_what_its_purpose_no_longer_needs(self, home: Home) -> None:
        files = read_files(shipped("residential"))
        floor = "then: erase\n  floor: {keep: 60d, law_ref: 保安条例 25(2)}"
        files["visitor.yaml"] = files["visitor.yaml"].split("\ncases:")[0].replace("then: erase", floor, 1)
        home.engine.publishing.publish(load_text(files), files, "officer-1", second="director-1")
        home.visit(on(5))
        home.clock.set(on(7, month=11))
        home.engine.retention.sweep()
        found = home.visitors("2026-11")
        assert [(one.reason, one.law_ref, one.until, one.n) for one in found.restricted] == [
            ("statutory_min", "保安条例 25(2)", "", 1)
        ]
        assert (found.overdue, found.held_records) == (0, 1)

    def test_a_hold_on_a_category_or_a_whole_site_counts_where_it_lies(self, home: Home) -> None:
        law = {"ground": "R8", "document": "示例公函1号", "law_ref": "刑事诉讼法 54", "by": "officer-1"}
        home.engine.holds.place(**law, until=date(2027, 1, 31), category="visitor")
        home.engine.holds.place(**law, until=date(2027, 1, 31))
        holds = {one.category: one.holds for one in home.reports.month(OCTOBER).categories}
        assert (holds["visitor"], holds["delivery"]) == (2, 1)

    def test_parts_that_no_forecast_knew_are_waiting(self, home: Home) -> None:
        home.visit(on(5))
        with home.connect().writing() as books:
            books.connection.execute(update(part).values(erase_at=int(on(6).timestamp())))
        home.clock.set(on(8))
        home.engine.retention.sweep()
        assert home.visitors().waiting == 1

    def test_a_part_past_its_purpose_is_restricted_until_its_own_end(self, home: Home) -> None:
        home.visit(on(5))
        with home.connect().writing() as books:
            books.connection.execute(update(part).values(readable_until=int(on(6).timestamp())))
        home.clock.set(on(8))
        (one,) = home.visitors().restricted
        assert (one.reason, one.law_ref, one.n) == ("technical", "", 1)


class TestRequests:
    def open(self, home: Home, number: str, state: str, house_due: str, moved: datetime = BEGIN) -> None:
        row = RequestRow(
            number=number,
            kind="deletion",
            site="main",
            way="pass",
            received_at=int(BEGIN.timestamp()),
            received_on="2026-10-02",
            state=state,
            moved_at=int(moved.timestamp()),
            house_due=house_due,
            legal_due="2026-10-28",
            provisional=False,
            sealed=None,
            access=None,
            code=None,
            code_until=0,
            tries=0,
            codes=0,
            letter="",
        )
        with home.engine.books.writing() as books:
            books.requests.add(row)

    def test_open_requests_show_their_nearest_deadlines_and_the_overdue(self, home: Home) -> None:
        self.open(home, "Q1", "deciding", "2026-10-12")
        self.open(home, "Q2", "searching", "2026-10-08")
        self.open(home, "Q3", "closed", "2026-10-08", moved=on(6))
        home.clock.set(on(10))
        (found,) = home.reports.month(OCTOBER).requests
        assert (found.kind, found.received, found.closed, found.open) == ("deletion", 3, 1, 2)
        assert (found.nearest_due, found.nearest_wall) == ("2026-10-08", "2026-10-28")
        assert (found.overdue, found.past_wall) == (1, 0)
        assert (found.change("received"), found.change("open")) == (3, None)

    def test_a_request_is_not_overdue_on_its_last_day(self, home: Home) -> None:
        self.open(home, "Q1", "deciding", "2026-10-10")
        home.clock.set(on(10))
        assert home.reports.month(OCTOBER).requests[0].overdue == 0
        home.clock.set(on(11))
        assert home.reports.month(OCTOBER).requests[0].overdue == 1


class TestTallies:
    def fill(self, home: Home, n: int) -> None:
        from compliance.db.tables import tally

        show_after = int(on(5, month=11).timestamp())
        with home.connect().writing() as books:
            row = {"site": "main", "day": "2026-10-05", "daypart": 1, "category": "visitor", "gate": "east"}
            books.connection.execute(insert(tally).values(**row, n=n, show_after=show_after))

    def test_a_tally_shows_when_the_month_is_over_and_its_last_record_is_due(self, home: Home) -> None:
        self.fill(home, 25)
        home.clock.set(on(4, month=11))
        assert not home.reports.month(OCTOBER).tallies[0].released
        home.clock.set(on(5, month=11))
        (shown,) = home.reports.month(OCTOBER).tallies
        assert [(row.start, row.n) for row in shown.rows] == [("2026-10-05", 25)]
        assert shown.total == 25

    def test_a_tally_under_the_site_s_floor_is_never_shown(self, home: Home) -> None:
        self.fill(home, 19)
        home.clock.set(on(6, month=11))
        (shown,) = home.reports.month(OCTOBER).tallies
        assert (shown.released, shown.rows, shown.total) == (True, (), None)


class TestTheReview:
    def test_a_signature_seals_the_digest_and_no_finding(self, home: Home) -> None:
        home.visit(on(5))
        finding = NewFinding(text="访客类补记离开偏少", owner="staff-7", due_on="2026-11-15")
        signed = home.reports.review(OCTOBER, "officer-1", [finding])
        home.engine.sealing.seal()
        with home.engine.books.reading() as books:
            sealed = [entry for _, _, entry in books.ledger.entries()]
        (entry,) = [one for one in map(parse, sealed) if one.act is Act.REPORT_REVIEWED]
        assert entry.fact("sha256") == signed.digest == digest(signed.figures)
        assert (entry.fact("month"), entry.fact("by"), entry.count) == (OCTOBER, "officer-1", 1)
        assert "访客类补记离开偏少" in signed.findings[0].text
        assert not any("补记".encode() in one for one in sealed)

    def test_a_signed_report_stays_as_it_was_signed(self, home: Home) -> None:
        home.visit(on(5))
        signed = home.reports.review(OCTOBER, "officer-1")
        home.visit(on(6), "王五")
        (kept,) = home.reports.reviews(OCTOBER)
        assert kept == signed
        assert kept.figures != home.reports.month(OCTOBER)

    def test_a_kept_report_that_was_edited_is_not_shown_as_signed(self, home: Home) -> None:
        home.visit(on(5))
        signed = home.reports.review(OCTOBER, "officer-1")
        better = replace(signed.figures, controller="别家物业")
        with home.connect().writing() as books:
            books.connection.execute(update(review).values(figures=canonical_json(better).decode()))
        with pytest.raises(ReviewRefused):
            home.reports.reviews(OCTOBER)

    def test_a_month_that_is_over_is_signed_once(self, home: Home) -> None:
        home.reports.review(OCTOBER, "officer-1")
        home.clock.set(on(2, month=11))
        home.reports.review(OCTOBER, "officer-1")
        with pytest.raises(ReviewRefused):
            home.reports.review(OCTOBER, "officer-2")
        assert [one.figures.complete for one in home.reports.reviews(OCTOBER)] == [False, True]

    def test_a_finding_is_closed_once_by_a_named_person(self, home: Home) -> None:
        finding = NewFinding(text="道闸设备副本未清", owner="staff-7", due_on="2026-11-15")
        (made,) = home.reports.review(OCTOBER, "officer-1", [finding]).findings
        home.clock.set(on(9))
        home.reports.close_finding(made.id, "staff-7")
        (closed,) = home.reports.reviews(OCTOBER)[0].findings
        assert (closed.closed_by, closed.closed_on) == ("staff-7", "2026-10-09")
        for finding_id in (made.id, "nobody"):
            with pytest.raises(ReviewRefused):
                home.reports.close_finding(finding_id, "staff-7")

    @pytest.mark.parametrize(
        "changes",
        [
            {"text": ""},
            {"text": "  "},
            {"text": "字" * 501},
            {"text": "联系 19900000001 核实"},
            {"owner": ""},
            {"owner": "x" * 65},
            {"owner": "a\nb"},
            {"due_on": "15.11."},
            {"due_on": "20261115"},
        ],
    )
    def test_a_finding_without_sense_or_with_a_number_is_refused(
        self, home: Home, changes: dict[str, str]
    ) -> None:
        finding = replace(NewFinding(text="副本未清", owner="staff-7", due_on="2026-11-15"), **changes)
        with pytest.raises(ReviewRefused) as caught:
            home.reports.review(OCTOBER, "officer-1", [finding])
        assert "19900000001" not in str(caught.value)
        assert home.reports.reviews(OCTOBER) == []

    def test_nobody_cannot_sign(self, home: Home) -> None:
        with pytest.raises(ReviewRefused):
            home.reports.review(OCTOBER, " ")


class TestTheFigures:
    def test_they_survive_their_json(self, home: Home) -> None:
        home.visit(on(5))
        home.refuse(on(6))
        figures = home.reports.month(OCTOBER)
        assert figures_of(canonical_json(figures)) == figures
        assert json.loads(canonical_json(figures))["month"] == OCTOBER

    def test_looks_are_counted_by_purpose_and_role_and_by_why_they_were_refused(self, home: Home) -> None:
        record = home.visit(on(5))
        officer, guard = (Actor(id="staff-9", role=role) for role in (Role.OFFICER, Role.GUARD))
        for _ in range(2):
            home.engine.reader.read(record, "entry_security", officer)
        with pytest.raises(ReadRefused):
            home.engine.reader.read(record, "dispute", guard)
        home.engine.roster.call(reason="演练", actor=guard)
        home.engine.sealing.seal()

        figures = home.reports.month(home.reports.this_month())

        assert [(one.act, one.purpose, one.role, one.why, one.times) for one in figures.looks] == [
            ("read", "entry_security", "officer", "", 2),
            ("read_refused", "dispute", "guard", "not_granted", 1),
            ("break_glass", "emergency_rollcall", "guard", "", 1),
        ]
        assert home.reports.looks() == figures.looks
        assert record not in canonical_json(figures).decode()

    def test_what_was_signed_before_looks_were_counted_keeps_its_digest(self, home: Home) -> None:
        figures = replace(home.reports.month(OCTOBER), looks=())

        assert b'"looks"' not in canonical_json(figures)
        assert digest(figures_of(canonical_json(figures))) == digest(figures)

    def test_they_hold_nothing_that_was_submitted(self, home: Home) -> None:
        home.visit(on(5), "欧阳金丝雀")
        home.refuse(on(6))
        assert "欧阳金丝雀" in str(
            home.engine.reader.read(
                home.visit(on(7), "欧阳金丝雀"), "rights_request", Actor(id="officer-1", role=Role.OFFICER)
            ).fields
        )
        written = canonical_json(home.reports.month(OCTOBER)).decode()
        for value in ("欧阳金丝雀", "100000199001010011", "1201", "staff-7"):
            assert value not in written

    def test_totals_change_only_where_every_category_s_change_is_known(self) -> None:
        known = CategoryFigures(
            site="main", category="a", label_zh="甲", label_en="A", admitted=5, before={"admitted": 2}
        )
        unknown = replace(known, category="b", before={})
        figures = MonthFigures(
            month=OCTOBER,
            as_of="2026-11-01T00:00:00+08:00",
            complete=True,
            site="main",
            site_zh="",
            site_en="",
            controller="",
            mode="enforce",
            policy_version=1,
            policy_digest="",
            categories=(known,),
        )
        assert (figures.total("admitted"), figures.total_change("admitted")) == (5, 3)
        both = replace(figures, categories=(known, unknown))
        assert (both.total("admitted"), both.total_change("admitted")) == (10, None)
        assert replace(figures, categories=()).total_change("admitted") is None


def test_the_same_month_is_counted_on_postgresql(tmp_path: Path, postgres_database: str) -> None:
    here, there = Home(tmp_path / "sqlite"), Home(tmp_path / "postgres", postgres_database)
    for home in (here, there):
        record = home.visit(on(5))
        home.visit(on(6), "王五")
        home.refuse(on(7))
        home.engine.holds.place(
            ground="R8",
            document="示例公函1号",
            law_ref="刑事诉讼法 54",
            until=date(2027, 1, 31),
            by="officer-1",
            holding_id=record,
        )
        home.reports.review(OCTOBER, "officer-1")
        home.clock.set(on(8, month=11))
        assert home.visitors("2026-11").overdue == 1
        home.engine.retention.sweep()
    assert here.visitors("2026-11") == there.visitors("2026-11")
    assert here.visitors() == there.visitors()
    assert there.visitors("2026-11").restricted[0].n == 1
    for home in (here, there):
        home.engine.close()
