"""The door in: what is admitted is sealed, counted and entered; what is refused leaves a count and nothing else."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from compliance.bootstrap import Engine
from compliance.domain.collection import Refused
from compliance.domain.errors import CollectionRefused, GateClosed, RecordErased
from compliance.domain.submission import Defaults
from compliance.domain.vocabulary import Channel
from compliance.ports import Caller
from tests.builders import (
    MOBILE,
    START,
    MovedClock,
    a_full_submission,
    a_pack,
    a_submission,
    an_engine,
    bytes_at_rest,
    codes,
    published,
    sql,
)

# Found nowhere else: the published policies have names and numbers in their own cases.
CANARY, PHONE = "欧阳麒麟", "19474747401"


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
def engine(tmp_path: Path, clock: MovedClock) -> Iterator[Engine]:
    with an_engine(tmp_path, clock) as engine:
        yield engine


def refused(engine: Engine, raw: object, **given: Any) -> set[str]:
    with pytest.raises(CollectionRefused) as found:
        engine.gate.write(raw, **given)  # type: ignore[arg-type]
    return codes(found.value.reasons)


def rows(engine: Engine) -> dict[str, int]:
    tables = ("holding", "part", "vault", "token", "mark", "consent", "tally", "refusal")
    return {table: sql(engine, f"SELECT count(*) FROM {table}")[0][0] for table in tables}


class TestASubmissionThatFits:
    def test_a_receipt_says_until_when(self, engine: Engine) -> None:
        receipt = engine.gate.write(a_submission())

        assert receipt.erase_on == "2026-04-02"
        assert receipt.policy_version == 1
        assert len(receipt.pass_code) == 12
        assert receipt.pass_code not in repr(receipt)

    def test_a_record_is_there_whole(self, engine: Engine) -> None:
        engine.gate.write(a_submission(fields={"visitor_phone": MOBILE}))

        assert rows(engine) == {
            "holding": 1,
            "part": 1,
            "vault": 1,
            "token": 2,
            "mark": 0,
            "consent": 1,
            "tally": 1,
            "refusal": 0,
        }

    @pytest.mark.parametrize("category", sorted(a_pack().categories))
    @pytest.mark.parametrize("shown", ["", "on a screen"])
    def test_every_category_takes_all_its_fields(self, engine: Engine, category: str, shown: str) -> None:
        raw = a_full_submission(category, shown=shown and engine.notice_ids.issue(category, 1))

        assert engine.gate.write(raw).category == category

    def test_a_crew_in_an_emergency_leaves_no_consent_that_nobody_gave(self, engine: Engine) -> None:
        raw = a_submission(category="emergency", notice={"mode": "screen", "id": "\ud800"})

        engine.gate.write(raw | {"fields": {"agency": "消防"}})

        assert rows(engine)["consent"] == 0

    def test_content_is_nowhere_in_clear(self, engine: Engine, tmp_path: Path) -> None:
        fields = {"visitor_name": CANARY, "visitor_phone": PHONE, "host_room": "9-9-9907"}
        engine.gate.write(a_submission(fields=fields, key="the-key-of-the-kiosk"))

        for name, content in bytes_at_rest(tmp_path).items():
            for value in (CANARY, PHONE, "9-9-9907", "the-key-of-the-kiosk"):
                assert value.encode() not in content, name


class TestASubmissionThatDoesNotFit:
    def test_a_refusal_leaves_counts_alone(self, engine: Engine, tmp_path: Path) -> None:
        raw = a_submission(fields={"id_number": "100000199001012345"}, key="k")

        assert refused(engine, raw) == {"over_collection:id_number"}

        assert rows(engine) == {
            "holding": 0,
            "part": 0,
            "vault": 0,
            "token": 0,
            "mark": 0,
            "consent": 0,
            "tally": 0,
            "refusal": 1,
        }
        assert not any(b"100000199001012345" in content for content in bytes_at_rest(tmp_path).values())

    def test_a_refusal_counts_no_name_that_we_do_not_know(self, engine: Engine, tmp_path: Path) -> None:
        refused(engine, a_submission(fields={PHONE: "x"}))

        assert sql(engine, "SELECT code, field, n FROM refusal") == [("over_collection", "", 1)]
        assert not any(PHONE.encode() in content for content in bytes_at_rest(tmp_path).values())

    def test_a_refused_submission_does_not_use_up_its_key(self, engine: Engine) -> None:
        refused(engine, a_submission(fields={"id_number": "x"}, key="k"))

        assert not engine.gate.write(a_submission(key="k")).replayed

    @pytest.mark.parametrize(
        "raw", [None, 1, [], "{", b"\xff", '{"a":1,"a":2}', {"category": []}, a_submission(fields={1: 2})]
    )
    def test_nonsense_is_refused_and_counted(self, engine: Engine, raw: object) -> None:
        assert refused(engine, raw)
        assert rows(engine)["refusal"] >= 1

    def test_nothing_is_written_where_no_policy_is_in_force(self, tmp_path: Path) -> None:
        with an_engine(tmp_path, publish=False) as engine, pytest.raises(GateClosed):
            engine.gate.write(a_submission())


class TestTheSameKeyAgain:
    def test_a_replay_returns_the_first_receipt_whole(self, engine: Engine) -> None:
        first = engine.gate.write(a_submission(key="k"))

        again = engine.gate.write(a_submission(key="k"))

        assert again.replayed
        assert (again.record, again.pass_code, again.erase_on) == (
            first.record,
            first.pass_code,
            first.erase_on,
        )
        assert rows(engine)["holding"] == 1

    def test_a_replay_in_the_same_batch_too(self, engine: Engine) -> None:
        first, again = engine.gate.write_many([a_submission(key="k")] * 2, defaults=Defaults())

        assert first.receipt is not None
        assert again.receipt is not None
        assert again.receipt.record == first.receipt.record
        assert again.receipt.pass_code == first.receipt.pass_code
        assert rows(engine)["holding"] == 1

    @pytest.mark.parametrize(
        "changes",
        [{"fields": {"visitor_name": "李四"}}, {"fields": {"visitor_phone": MOBILE}}, {"channel": "phone"}],
    )
    def test_a_key_is_not_used_for_other_content(self, engine: Engine, changes: dict[str, Any]) -> None:
        engine.gate.write(a_submission(key="k"))

        assert refused(engine, a_submission(key="k", **changes)) == {"key_reused:key"}

    def test_the_order_of_fields_is_not_content(self, engine: Engine) -> None:
        engine.gate.write(a_submission(key="k"))
        turned = dict(reversed(a_submission(key="k")["fields"].items()))

        assert engine.gate.write(a_submission(key="k") | {"fields": turned}).replayed

    def test_another_caller_and_another_category_have_keys_of_their_own(self, engine: Engine) -> None:
        engine.gate.write(a_submission(key="k"))

        assert not engine.gate.write(a_submission(key="k"), Caller(id="other")).replayed
        delivery = a_submission(category="delivery", key="k") | {
            "fields": {"platform": "顺丰", "dest_building": "3栋"}
        }
        assert not engine.gate.write(delivery).replayed

    def test_a_retry_in_a_new_month_finds_its_first_try_in_the_old(
        self, engine: Engine, clock: MovedClock
    ) -> None:
        clock.to(START.replace(month=3, day=31, hour=23, minute=59, second=55))
        first = engine.gate.write(a_submission(key="k"))
        clock.forward(seconds=10)

        again = engine.gate.write(a_submission(key="k"))

        assert (again.record, again.pass_code) == (first.record, first.pass_code)

    def test_after_the_erasure_the_record_is_gone_and_not_written_anew(
        self, engine: Engine, clock: MovedClock
    ) -> None:
        engine.gate.write(a_submission(key="k", collected_at=START.isoformat()))
        clock.forward(days=32)
        assert engine.retention.sweep().disposed.erased_records == 1

        with pytest.raises(RecordErased):
            engine.gate.write(a_submission(key="k"))


class TestBatches:
    def test_each_line_has_its_own_outcome_in_order(self, engine: Engine) -> None:
        good = a_submission(category="vehicle", channel="lpr", notice={"mode": "posted"}, consent=...)
        good |= {"fields": {"plate_no": "京A00000"}, "collected_at": START.isoformat()}
        lines = [good, {**good, "collected_at": None}, b"{", good, {**good, "fields": {"plate_no": "x"}}, 7]

        outcomes = list(engine.gate.write_many(lines))

        assert [outcome.receipt is not None for outcome in outcomes] == [
            True,
            False,
            False,
            True,
            False,
            False,
        ]
        assert [codes(outcome.reasons) for outcome in outcomes[1:]] == [
            *({"bad_format:collected_at"}, {"malformed"}, set(), {"bad_format:plate_no"}, {"malformed"}),
        ]

    def test_more_than_one_transaction_takes_is_taken(self, engine: Engine) -> None:
        good = a_submission(category="vehicle", channel="lpr", notice={"mode": "posted"}, consent=...)
        lines = [
            {**good, "fields": {"plate_no": f"京A{number:05}"}, "collected_at": START.isoformat()}
            for number in range(1203)
        ]

        outcomes = list(engine.gate.write_many(lines))

        assert all(outcome.receipt for outcome in outcomes)
        assert len({outcome.receipt.record for outcome in outcomes if outcome.receipt}) == 1203
        assert rows(engine)["part"] == rows(engine)["vault"] == 1203
        assert engine.sealing.verify().size == sql(engine, "SELECT count(*) FROM ledger_entry")[0][0]

    def test_one_entry_answers_for_a_batch(self, engine: Engine) -> None:
        list(engine.gate.write_many([a_submission()] * 40, defaults=Defaults()))

        engine.sealing.seal()
        assert sql(engine, "SELECT count FROM ledger_entry WHERE act = 'admitted'") == [(40,)]

    def test_an_empty_stream_writes_nothing(self, engine: Engine) -> None:
        assert list(engine.gate.write_many([])) == []
        assert rows(engine)["holding"] == 0


class TestWhoMayWrite:
    @pytest.mark.parametrize(
        ("caller", "fits"),
        [
            (Caller(id="k", categories=("visitor",), channels=(Channel.DESK,), site="main"), True),
            (Caller(id="k", categories=("delivery",)), False),
            (Caller(id="k", channels=(Channel.KIOSK,)), False),
            (Caller(id="k", site="elsewhere"), False),
        ],
    )
    def test_a_key_writes_within_its_scope(self, engine: Engine, caller: Caller, fits: bool) -> None:
        if fits:
            engine.gate.write(a_submission(), caller)
        else:
            assert refused(engine, a_submission(), caller=caller) == {"wrong_channel:channel"}
            assert rows(engine)["holding"] == 0


class TestClosedGates:
    def test_a_ledger_that_lags_a_quarter_of_an_hour_closes_the_gate(
        self, engine: Engine, clock: MovedClock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        receipt = engine.gate.write(a_submission())
        engine.sealing.seal()
        with monkeypatch.context() as broken:
            broken.setattr(engine.sealing, "_signer", None)
            engine.gate.write(a_submission())
            clock.forward(minutes=15)
            engine.gate.write(a_submission())
            clock.forward(seconds=1)
            with pytest.raises(GateClosed):
                engine.gate.write(a_submission())
            with pytest.raises(GateClosed):
                engine.gate.amend(receipt.record, {"exit_time": clock.now().isoformat()})
            assert rows(engine)["holding"] == 3
            assert engine.sealing.lag_seconds() == 901

        engine.gate.write(a_submission())
        assert engine.sealing.verify().pending <= 1

    def test_a_version_that_comes_into_force_decides_from_then_on(
        self, engine: Engine, clock: MovedClock
    ) -> None:
        changed = {"site.yaml": _site_of_another_name()}
        assert published(engine, **changed) == 2

        assert engine.gate.write(a_submission()).policy_version == 2

    def test_a_notice_of_the_version_before_does_where_nothing_is_wider_now(self, engine: Engine) -> None:
        raw = tapped(engine)

        published(engine, **{"site.yaml": _site_of_another_name()})

        assert engine.gate.write(raw).policy_version == 2
        assert sql(engine, "SELECT policy_version FROM consent") == [
            (1,)
        ]  # what was read is what was agreed to

    def test_a_notice_of_the_version_before_is_shown_anew_where_anything_is(self, engine: Engine) -> None:
        raw = tapped(engine)
        assert engine.gate.check(raw, engine.policies._read[1], Defaults(), take_as_given=False)

        published(engine, **{"visitor.yaml": _visitors_kept("40d")})

        assert refused(engine, raw) == {"reconsent_required"}

    def test_one_showing_of_a_notice_bears_one_persons_consent(self, engine: Engine) -> None:
        raw = tapped(engine)
        first = engine.gate.write(raw | {"key": "a"})

        assert refused(engine, raw) == {"no_notice"}
        assert engine.gate.write(raw | {"key": "a"}).record == first.record  # a retry is the same showing

    def test_a_showing_is_used_up_across_the_end_of_a_month(self, engine: Engine, clock: MovedClock) -> None:
        clock.to(datetime(2026, 3, 31, 23, 59, 30, tzinfo=UTC))
        raw = tapped(engine)
        engine.gate.write(raw)
        clock.forward(minutes=1)

        assert refused(engine, raw) == {"no_notice"}


class TestChecking:
    def test_a_check_stores_and_counts_nothing(self, engine: Engine) -> None:
        before = rows(engine)

        verdict = engine.gate.check(a_submission(fields={"id_number": "x"}), a_pack(), Defaults())

        assert isinstance(verdict, Refused)
        assert codes(verdict) == {"over_collection:id_number"}
        assert rows(engine) == before


def tapped(engine: Engine) -> dict[str, Any]:
    """A visitor at a kiosk who was shown the notice of the first version, and tapped."""
    shown = engine.notice_ids.issue("visitor", 1)
    act = {"kind": "plain", "by": "self", "act": "tap"}
    return a_submission(channel="kiosk", notice={"mode": "screen", "id": shown}, consent=[act])


def _visitors_kept(period: str) -> str:
    from compliance.policies.loader import read_files, shipped

    return read_files(shipped("residential"))["visitor.yaml"].replace("keep: 30d", f"keep: {period}")


def _site_of_another_name() -> str:
    from compliance.policies.loader import read_files, shipped

    return read_files(shipped("residential"))["site.yaml"].replace("示例社区", "另一社区")


class TestNoticeIds:
    def test_a_notice_id_is_good_for_a_day(self, engine: Engine, clock: MovedClock) -> None:
        shown = engine.notice_ids.issue("visitor", 1)

        clock.forward(hours=24)
        assert engine.notice_ids.version(shown, "visitor") == 1
        clock.forward(seconds=1)
        assert engine.notice_ids.version(shown, "visitor") is None

    @pytest.mark.parametrize("change", ["category", "version", "byte", "length", "letters"])
    def test_a_notice_id_cannot_be_made_up(self, engine: Engine, change: str) -> None:
        shown = engine.notice_ids.issue("visitor", 1)
        forged = {
            "version": "AAAAAg" + shown[6:],
            "byte": shown[:-2] + ("A" if shown[-2] != "A" else "B") + shown[-1],
            "length": shown + "AAAA",
            "letters": "身" * len(shown),
        }.get(change, shown)

        assert engine.notice_ids.version(forged, "delivery" if change == "category" else "visitor") is None

    def test_two_showings_are_two_ids(self, engine: Engine) -> None:
        assert engine.notice_ids.issue("visitor", 1) != engine.notice_ids.issue("visitor", 1)


def test_time_passes_between_collection_and_import(tmp_path: Path) -> None:
    with an_engine(tmp_path) as engine:
        collected = (START - timedelta(days=10)).isoformat()

        assert engine.gate.write(a_submission(collected_at=collected)).erase_on == "2026-03-23"
