"""Consents as a house lives with them: taken over by a pass, taken back at once, and not asked for again and again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compliance.bootstrap import Engine
from compliance.domain.agreement import ASK_AGAIN_AFTER, askable
from compliance.domain.errors import (
    CollectionRefused,
    ReadRefused,
    RecordErased,
    RecordUnknown,
    RequestRefused,
)
from compliance.domain.request import RequestKind, RequestState
from compliance.domain.submission import Defaults
from compliance.domain.vocabulary import Channel, Door
from compliance.policies.loader import read_files, shipped
from compliance.ports import Receipt
from tests.builders import (
    FIELDS,
    MOBILE,
    OFFICER,
    MovedClock,
    a_submission,
    an_engine,
    bytes_at_rest,
    codes,
    published,
    sql,
)
from tests.services.test_properties import kept
from tests.services.test_restoration import back_up, hold, put_back
from tests.strategies import submissions

TAP = {"kind": "plain", "by": "self", "act": "tap"}
POSTED = {"mode": "posted"}


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
def engine(tmp_path: Path, clock: MovedClock) -> Iterator[Engine]:
    with an_engine(tmp_path / "home", clock) as engine:
        with_a_door(engine)
        yield engine


def with_a_door(engine: Engine, keep: str = "30d") -> None:
    """Visitors may also come by a door that opens to their pass."""
    text = read_files(shipped("residential"))["visitor.yaml"]
    was = "channels: [desk, kiosk, miniapp, phone]"
    assert was in text
    text = text.replace(was, "channels: [desk, kiosk, miniapp, phone, access]")
    published(engine, **{"visitor.yaml": text.replace("keep: 30d", f"keep: {keep}")})


def registered(engine: Engine, **changes: Any) -> Receipt:
    return engine.gate.write(a_submission(**changes))


def by_pass(engine: Engine, pass_code: str, **changes: Any) -> Receipt:
    """The door opens to somebody's pass, and says so."""
    raw = {"channel": "access", "notice": POSTED, "consent": ..., "pass": pass_code, **changes}
    return engine.gate.write(a_submission(**raw))


def refused(engine: Engine, *args: Any, **changes: Any) -> set[str]:
    with pytest.raises(CollectionRefused) as told:
        by_pass(engine, *args, **changes)
    return codes(told.value.reasons)


def read(engine: Engine, record: str) -> object:
    return engine.reader.read(record, "entry_security", OFFICER).fields


class TestByThePassOfSomebodyWhoConsented:
    def test_a_door_writes_what_the_holder_agreed_to(self, engine: Engine) -> None:
        first = registered(engine)

        second = by_pass(engine, first.pass_code)

        assert read(engine, second.record)
        (row,) = engine.consents.of_record(second.record)
        assert (row.act, row.notice, row.kind, row.by) == ("pass", "pass", "plain", "self")
        assert set(row.covers) == {*FIELDS, "entry_time", "exit_time"}
        (own,) = engine.consents.of_record(first.record)
        assert set(own.covers) == {*FIELDS, "entry_time", "exit_time"}  # and no field that nobody gave

    def test_so_does_a_batch(self, engine: Engine, clock: MovedClock) -> None:
        first = registered(engine)
        raw = {"channel": "access", "notice": POSTED, "consent": ..., "pass": first.pass_code}
        line = a_submission(**raw, collected_at=clock.now().isoformat())

        (done, lacking) = engine.gate.write_many([line, {k: v for k, v in line.items() if k != "pass"}])

        assert done.receipt is not None
        assert codes(lacking.reasons) == {"no_consent"}

    def test_a_pass_that_nobody_has_is_no_consent(self, engine: Engine) -> None:
        registered(engine)

        assert refused(engine, "ABCD-EFGH-JKMN") == {"no_consent:pass"}
        assert refused(engine, "UUUU-UUUU-UUUU") == {"no_consent:pass"}  # no letter of a pass code

    def test_what_the_holder_was_not_asked_for_is_refused(self, engine: Engine) -> None:
        first = registered(engine)

        assert refused(engine, first.pass_code, fields={"visitor_phone": MOBILE}) == {"no_consent"}
        assert by_pass(engine, first.pass_code).record

    def test_a_pass_whose_record_is_over_carries_nothing(self, engine: Engine, clock: MovedClock) -> None:
        first = registered(engine)
        clock.forward(days=32)

        assert refused(engine, first.pass_code) == {"no_consent:pass"}  # before any sweep

    def test_an_exit_needs_the_consent_that_the_entry_did(self, engine: Engine, clock: MovedClock) -> None:
        named = {"kind": "plain", "by": "self", "act": "spoken", "covers": [*FIELDS, "entry_time"]}
        less = registered(engine, consent=[named])
        whole = registered(engine)
        left = {"exit_time": clock.forward(hours=1).now().isoformat()}

        with pytest.raises(CollectionRefused) as told:
            engine.gate.amend(less.record, left)
        assert codes(told.value.reasons) == {"no_consent:exit_time"}
        engine.gate.amend(whole.record, left)
        engine.gate.amend(by_pass(engine, whole.pass_code).record, left)

    def test_a_wider_policy_ends_it(self, engine: Engine) -> None:
        first = registered(engine)
        with_a_door(engine, keep="40d")

        assert refused(engine, first.pass_code) == {"no_consent:pass"}

    def test_the_code_is_nowhere_at_rest(self, engine: Engine, tmp_path: Path) -> None:
        first = registered(engine)
        by_pass(engine, first.pass_code)
        engine.sealing.seal()
        plain = [first.pass_code.encode(), first.pass_code.replace("-", "").encode()]
        (tmp_path / "home" / "canary").write_bytes(plain[0])

        found = [
            name for name, raw in bytes_at_rest(tmp_path / "home").items() if any(one in raw for one in plain)
        ]

        assert found == ["canary"]

    def test_the_holder_finds_all_of_it_by_the_one_code(self, engine: Engine) -> None:
        first = registered(engine)
        by_pass(engine, first.pass_code)
        by_pass(engine, first.pass_code)

        assert [len(one.evidence) for one in engine.consents.agreed(first.pass_code)] == [1, 1, 1]


class TestTakingItBack:
    def test_everything_that_rests_on_it_goes_however_far_down(self, engine: Engine) -> None:
        first = registered(engine)
        second = by_pass(engine, first.pass_code)
        third = by_pass(engine, second.pass_code)
        stranger = registered(engine)
        assert read(engine, third.record)

        asked = engine.requests.withdraw_consent(first.pass_code)

        assert engine.requests.letter(asked.number, asked.access_token or "")["count"] == 3
        for gone in (first, second, third):
            with pytest.raises(RecordErased):
                read(engine, gone.record)
        assert read(engine, stranger.record)
        assert refused(engine, second.pass_code) == {"no_consent:pass"}

    def test_reads_refuse_at_once_while_disposal_stands_still(
        self, engine: Engine, clock: MovedClock
    ) -> None:
        first = registered(engine)
        second = by_pass(engine, first.pass_code)
        engine.retention.pause("staff-9", "审计")
        assert read(engine, first.record)

        asked = engine.requests.withdraw_consent(first.pass_code)

        for one in (first, second):
            with pytest.raises(ReadRefused):
                read(engine, one.record)
            with pytest.raises(RecordErased):
                engine.gate.amend(one.record, {"exit_time": clock.now().isoformat()})
        assert refused(engine, first.pass_code) == {"no_consent:pass"}
        engine.retention.resume("staff-9")
        engine.retention.sweep()
        engine.requests.resume()
        assert sql(engine, "SELECT count(*) FROM vault") == [(0,)]
        assert engine.requests.status(asked.number).state is RequestState.CLOSED

        # Whoever erased it, the letter tells of it and has its certificates.
        letter = engine.requests.letter(asked.number, asked.access_token or "")
        assert (letter["count"], sorted(letter["records"])) == (2, sorted([first.record, second.record]))
        assert len(engine.certificates.of_acts(engine.requests.acts(asked.number))) > 0

    def test_what_falls_due_by_it_is_no_surprise_to_the_sweep(self, engine: Engine) -> None:
        first = registered(engine)
        engine.retention.forecast()
        engine.retention.pause("staff-9", "审计")
        engine.requests.withdraw_consent(first.pass_code)
        engine.retention.resume("staff-9")

        swept = engine.retention.sweep()

        assert (swept.disposed.erased_records, swept.disposed.waiting_parts) == (1, 0)
        assert swept.disposed.late_parts == 0

    def test_the_evidence_stays_as_it_was_given(self, engine: Engine) -> None:
        first = registered(engine)
        columns = 'id, holding_id, kind, covers, "by", act, notice, day, erase_on, withdrawn_on'
        before = sql(engine, f"SELECT {columns} FROM consent")

        engine.requests.withdraw_consent(first.pass_code)

        assert sql(engine, f"SELECT {columns} FROM consent") == before
        ((consent, day, erase_on),) = sql(engine, "SELECT consent_id, day, erase_on FROM withdrawal")
        assert (consent, day, erase_on) == (before[0][0], "2026-03-02", before[0][8])
        (row,) = engine.consents.of_record(first.record)
        assert row.withdrawn_on == "2026-03-02"

    def test_a_hold_keeps_it_stored_and_nothing_more(self, engine: Engine) -> None:
        first = registered(engine)
        hold(engine, holding_id=first.record)

        asked = engine.requests.withdraw_consent(first.pass_code)

        assert engine.requests.status(asked.number).state is RequestState.PARTIAL
        with pytest.raises(ReadRefused):
            read(engine, first.record)
        assert refused(engine, first.pass_code) == {"no_consent:pass"}

    def test_what_does_not_rest_on_consent_is_not_touched(self, engine: Engine) -> None:
        raw = a_submission(category="vehicle", channel="lpr", notice=POSTED, consent=...)
        first = engine.gate.write(raw | {"fields": {"plate_no": "京A00000"}})

        asked = engine.requests.withdraw_consent(first.pass_code)

        assert engine.requests.status(asked.number).state is RequestState.REFUSED
        assert sql(engine, "SELECT count(*) FROM vault")[0][0] > 0

    def test_twice_is_once(self, engine: Engine) -> None:
        first = registered(engine)
        engine.requests.withdraw_consent(first.pass_code)

        with pytest.raises(RequestRefused):
            engine.requests.withdraw_consent(first.pass_code)
        assert sql(engine, "SELECT count(*) FROM withdrawal") == [(1,)]

    def test_a_restored_database_does_not_bring_it_back(self, tmp_path: Path, clock: MovedClock) -> None:
        home, backup = tmp_path / "other", tmp_path / "backup"
        with an_engine(home, clock) as engine:
            first = registered(engine)
            engine.sealing.seal()
            back_up(home, backup)
            engine.retention.pause("staff-9", "审计")  # so that no erasure in the journal does it for us
            engine.requests.withdraw_consent(first.pass_code)
            engine.sealing.seal()
        put_back(backup, home)

        with an_engine(home, clock, publish=False) as engine:
            with pytest.raises(ReadRefused):
                read(engine, first.record)
            assert sql(engine, "SELECT count(*) FROM withdrawal") == [(1,)]
            engine.retention.sweep()
            assert sql(engine, "SELECT count(*) FROM vault") == [(0,)]

    def test_withdrawals_and_what_relied_on_them_go_with_the_evidence(
        self, engine: Engine, clock: MovedClock
    ) -> None:
        first = registered(engine)
        by_pass(engine, first.pass_code)
        engine.requests.withdraw_consent(first.pass_code)
        counted = "SELECT (SELECT count(*) FROM consent), (SELECT count(*) FROM withdrawal), (SELECT count(*) FROM reliance)"
        assert sql(engine, counted) == [(2, 2, 1)]

        clock.forward(days=3 * 366 + 40)
        engine.retention.sweep()

        assert sql(engine, counted) == [(0, 0, 0)]
        with pytest.raises(RecordUnknown):
            engine.consents.of_record("2603-nothing")


class TestNotAskedAgain:
    def ask(self, engine: Engine, pass_code: str) -> dict[str, Any]:
        return engine.consents.asking(pass_code, "visitor", Channel.DESK).as_json()

    def test_of_somebody_unknown_everything_may_be_asked(self, engine: Engine) -> None:
        asked = self.ask(engine, "ABCD-EFGH-JKMN")

        assert {"visitor_name", "visitor_phone"} <= set(asked["ask"])
        assert (asked["covered"], asked["not_again_before_end_of"]) == ([], {})

    def test_who_agreed_is_not_asked_for_it(self, engine: Engine) -> None:
        first = registered(engine)

        asked = self.ask(engine, first.pass_code)

        assert "visitor_name" in asked["covered"]
        assert "visitor_name" not in asked["ask"]

    def test_who_declined_is_left_in_peace_for_thirty_days(self, engine: Engine, clock: MovedClock) -> None:
        first = registered(engine, declined={"visitor_phone": "refused"})

        asked = self.ask(engine, first.pass_code)
        assert asked["not_again_before_end_of"] == {"visitor_phone": "2026-04-01"}
        assert "visitor_phone" not in asked["ask"] + asked["covered"]

        clock.forward(days=ASK_AGAIN_AFTER, hours=13)  # 23:00 of the last day
        engine.retention.sweep()
        assert "visitor_phone" in self.ask(engine, first.pass_code)["not_again_before_end_of"]
        clock.forward(hours=2)
        assert "visitor_phone" in self.ask(engine, first.pass_code)["ask"]
        engine.retention.sweep()
        assert sql(engine, "SELECT count(*) FROM cool_down") == [(0,)]

    def test_who_took_it_back_is_left_in_peace_as_well(self, engine: Engine, clock: MovedClock) -> None:
        first = registered(engine)
        engine.requests.withdraw_consent(first.pass_code)
        clock.forward(days=29)
        engine.retention.sweep()

        asked = self.ask(engine, first.pass_code)

        assert {"visitor_name", "host_room"} <= set(asked["not_again_before_end_of"])
        assert not set(asked["ask"]) & set(asked["not_again_before_end_of"])

    def test_a_refusal_across_the_months_keeps_its_key(self, tmp_path: Path) -> None:
        from datetime import UTC, datetime

        clock = MovedClock(datetime(2026, 1, 31, 4, tzinfo=UTC))
        with an_engine(tmp_path / "january", clock, publish=False) as engine:
            published(engine)
            first = registered(engine, declined={"visitor_phone": "refused"})
            engine.requests.withdraw_consent(first.pass_code)
            clock.to(datetime(2026, 3, 1, 4, tzinfo=UTC))
            engine.retention.sweep()

            assert "visitor_phone" in self.ask(engine, first.pass_code)["not_again_before_end_of"]

    def test_a_typed_number_is_not_kept_for_it(self, engine: Engine) -> None:
        from compliance.services.tokens import living_digests

        registered(engine, fields={"visitor_phone": MOBILE})
        number = engine.requests.open(RequestKind.WITHDRAWAL, mobile=MOBILE).number
        verified(engine, number)
        engine.requests.fulfil(number)

        kept = {bytes(digest) for (digest,) in sql(engine, "SELECT digest FROM cool_down")}
        typed = {digest for _, digest in living_digests(engine.keyring, f"mobile:{MOBILE}")}
        assert kept
        assert not kept & typed


def verified(engine: Engine, number: str) -> None:
    """Show the one-time code that a message brought."""
    import re

    from compliance.services.transports import ListTransport

    engine.requests.match(number)
    messages = ListTransport()
    engine.outbox.deliver(messages)
    ((_, _, body),) = messages.sent
    found = re.search(r"验证码(\d{6})", body)
    assert found is not None
    engine.requests.verify(number, found[1])


LIGHT = settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


class TestWhateverHappens:
    @given(raw=submissions, door=st.sampled_from([Door.SINGLE, Door.SINGLE, Door.BATCH]), known=st.booleans())
    @LIGHT
    def test_no_admitted_record_has_a_field_on_consent_without_evidence_that_covers_it(
        self, engine: Engine, raw: Any, door: Door, known: bool
    ) -> None:
        if known and isinstance(raw, dict):
            raw = {**raw, "pass": registered(engine).pass_code}
        (outcome,) = engine.gate.write_many([raw], defaults=Defaults(site="main", door=door))
        if outcome.receipt is None:
            return
        record = outcome.receipt.record
        with engine.books.reading() as books:
            pack = engine.policies.active(books, engine.clock.now())
            policy = pack.categories[outcome.receipt.category]
        covered = {name for one in engine.consents.of_record(record) for name in one.covers}
        held = kept_fields(engine, record)
        needed = {n for n in held if askable(policy.fields[n], pack.site.basis_profile)}
        assert policy.exempt or needed <= covered

    @given(
        steps=st.lists(
            st.sampled_from(["pass", "declare", "withdraw", "day", "week", "sweep", "pause"]), max_size=12
        )
    )
    @LIGHT
    def test_a_withdrawal_stops_reads_and_is_erased_and_a_refusal_is_not_asked_again(
        self, tmp_path_factory: pytest.TempPathFactory, engine: Engine, clock: MovedClock, steps: list[str]
    ) -> None:
        first = registered(engine, declined={"visitor_phone": "refused"})
        began, withdrawn = clock.now(), False
        records = [first.record]
        for step in steps:
            if step == "pass" and not withdrawn:
                records += [one.record for one in tried(engine, first.pass_code)]
            elif step == "withdraw" and not withdrawn:
                try:
                    engine.requests.withdraw_consent(first.pass_code)
                    withdrawn = True
                except RequestRefused:  # its time was over before
                    withdrawn = not alive(engine, records)
            elif step in ("day", "week"):
                clock.forward(days=1 if step == "day" else 7)
            elif step == "sweep":
                engine.retention.sweep()
            elif step == "pause":
                engine.retention.pause("staff-9", "审计")
            if withdrawn:
                assert not [one for one in records if readable(engine, one)]
            if (clock.now() - began).days < ASK_AGAIN_AFTER:
                assert "visitor_phone" not in engine.consents.asking(first.pass_code, "visitor").ask
        engine.retention.resume("staff-9")
        engine.retention.sweep()
        if withdrawn:
            assert not alive(engine, records)


def tried(engine: Engine, pass_code: str) -> list[Receipt]:
    try:
        return [by_pass(engine, pass_code)]
    except CollectionRefused:
        return []


def readable(engine: Engine, record: str) -> bool:
    try:
        return bool(read(engine, record))
    except (ReadRefused, RecordUnknown):
        return False


def alive(engine: Engine, records: list[str]) -> list[str]:
    with engine.books.reading() as books:
        return [one for one in records if books.holdings.find(one) is not None]


def kept_fields(engine: Engine, record: str) -> set[str]:
    _, content = kept(engine, record)
    return set(content)
