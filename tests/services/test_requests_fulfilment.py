"""What comes of a request: a copy, a deletion, a restriction with its law, or a refusal with its reasons."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from compliance.domain.errors import RequestRefused
from compliance.domain.ledger import Act, parse
from compliance.domain.request import Ground, RequestKind, RequestState, Stated
from compliance.services.intake import RequestReceipt
from tests.builders import MOBILE
from tests.services.requests_house import NAME, ROOM, UNKNOWN, House, a_house

SECRET = Stated(ground=Ground.SECRECY, law_ref="反恐怖主义法 18")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with a_house(tmp_path) as house:
        yield house


def ask(house: House, kind: RequestKind, mobile: str = MOBILE) -> tuple[str, str]:
    """A request by mobile number, verified: its number and access token."""
    number = house.requests.open(kind, mobile=mobile).number
    house.requests.match(number)
    house.deliver()
    return number, house.requests.verify(number, house.last_code())


def by_pass(house: House, kind: RequestKind) -> RequestReceipt:
    return house.requests.open(kind, pass_code=house.register().pass_code)


def ledger(house: House) -> list[tuple[str, dict[str, str | int]]]:
    house.engine.sealing.seal()
    with house.engine.books.reading() as books:
        entries = [parse(sealed) for _, _, sealed in books.ledger.entries(limit=100_000)]
    return [(entry.act.value, dict(entry.facts)) for entry in entries]


class TestDeletion:
    def test_what_was_sealed_is_there_before_and_gone_after(self, house: House) -> None:
        house.register()
        house.register()
        house.register(UNKNOWN)
        assert house.sealed_parts() == 3
        number, _ = ask(house, RequestKind.DELETION)
        assert house.requests.fulfil(number) is RequestState.CLOSED
        assert house.sealed_parts() == 1
        assert house.engine.sealing.verify().size > 0

    def test_the_letter_counts_and_never_repeats_what_was_deleted(self, house: House) -> None:
        house.register()
        house.register()
        number, token = ask(house, RequestKind.DELETION)
        house.requests.fulfil(number)
        letter = house.requests.letter(number, token)
        assert (letter["moment"], letter["count"], letter["kept"]) == ("letter_deletion", 2, [])
        assert letter["erased"] == [{"category": "访客", "count": 2}]
        assert letter["backup_date"] == "2026-04-01"
        assert len(letter["records"]) == 2
        assert house.requests.letter(number, token, "en")["erased"] == [{"category": "Visitor", "count": 2}]
        said = json.dumps(letter, ensure_ascii=False)
        assert not [secret for secret in (NAME, MOBILE, ROOM) if secret in said]

    def test_the_certificate_finds_every_record_of_the_letter(self, house: House) -> None:
        house.register()
        number, token = ask(house, RequestKind.DELETION)
        house.requests.fulfil(number)
        (record,) = house.requests.letter(number, token)["records"]
        with house.engine.books.reading() as books:
            tombstones = books.ledger.tombstones_of(record)
        assert [row.cause for row in tombstones] == ["request"]
        assert house.requests.acts(number) == tuple(row.act_id for row in tombstones)
        assert house.requests.acts("260302-00000000") == ()

    def test_a_held_record_waits_for_the_officer_and_is_then_restricted(self, house: House) -> None:
        held, free = house.register(), house.register()
        house.hold(holding_id=held.record)
        number, token = ask(house, RequestKind.DELETION)
        assert house.requests.fulfil(number) is RequestState.DECIDING
        view = house.requests.show(number)
        assert view.waits_for_officer
        assert "删除访客登记1条。" in view.plan
        house.requests.decide(number, by="staff-7", accept=True)
        assert house.requests.status(number).state is RequestState.PARTIAL
        letter = house.requests.letter(number, token)
        assert letter["count"] == 1
        assert letter["records"] == [free.record]
        assert letter["kept"] == [{"what": "访客登记1条", "law_ref": "刑事诉讼法 54", "until": "2026-05-01"}]
        assert house.sealed_parts() == 1

    def test_a_hold_that_is_released_lets_the_request_run_by_itself(self, house: House) -> None:
        hold = house.hold(holding_id=house.register().record)
        number, _ = ask(house, RequestKind.DELETION)
        house.requests.fulfil(number)
        house.requests.resume()
        assert house.requests.status(number).state is RequestState.DECIDING
        house.engine.holds.release(hold, "staff-7")
        house.requests.resume()
        assert house.requests.status(number).state is RequestState.CLOSED
        assert house.sealed_parts() == 0

    def test_it_waits_while_disposal_is_paused_and_is_then_carried_out(self, house: House) -> None:
        number = by_pass(house, RequestKind.DELETION).number
        house.engine.retention.pause("staff-7", "clock")
        assert house.requests.fulfil(number) is RequestState.EXECUTING
        assert house.sealed_parts() == 1
        house.engine.retention.resume("staff-7")
        house.requests.resume()
        assert house.requests.status(number).state is RequestState.CLOSED
        assert house.sealed_parts() == 0

    def test_what_fell_due_between_question_and_answer_is_told_as_nothing_left(self, house: House) -> None:
        house.register()
        number, token = ask(house, RequestKind.DELETION)
        house.clock.forward(days=40)
        house.engine.retention.sweep()
        assert house.requests.fulfil(number) is RequestState.REFUSED
        (reason,) = house.requests.letter(number, token)["reasons"]
        assert reason["article"] == "PIPL 4(1)"

    def test_what_falls_due_after_the_decision_is_no_fault(self, house: House) -> None:
        asked = by_pass(house, RequestKind.DELETION)
        house.engine.retention.pause("staff-7", "clock")
        house.requests.fulfil(asked.number)
        house.engine.retention.resume("staff-7")
        house.clock.forward(days=40)
        house.engine.retention.sweep()
        assert house.requests.fulfil(asked.number) is RequestState.CLOSED
        letter = house.requests.letter(asked.number, asked.access_token or "")
        assert (letter["count"], letter["none_found"]) == (0, True)

    def test_a_case_whose_key_is_lost_does_not_stop_the_others(self, house: House) -> None:
        lost = by_pass(house, RequestKind.DELETION)
        house.engine.keyring.destroy(f"request/{lost.number}")
        asked = by_pass(house, RequestKind.DELETION)
        assert any("key is lost" in line for line in house.requests.show(lost.number).plan)
        resumed = house.requests.resume()
        assert (resumed.seen, resumed.failed) == (2, 1)
        assert house.requests.status(asked.number).state is RequestState.CLOSED

    def test_a_lost_key_does_not_hide_the_queue(self, house: House) -> None:
        house.hold(category="visitor")
        lost = by_pass(house, RequestKind.DELETION)
        house.requests.fulfil(lost.number)
        house.engine.keyring.destroy(f"request/{lost.number}")
        assert [view.waits_for_officer for view in house.requests.list_open()] == [True]

    @pytest.mark.parametrize("sweep_first", [True, False])
    def test_a_sweep_and_a_deletion_end_the_same_in_either_order(
        self, house: House, sweep_first: bool
    ) -> None:
        house.register()
        house.engine.sealing.seal()
        house.clock.forward(days=20)
        house.register()
        house.register(UNKNOWN)
        house.clock.forward(days=12)  # the first record is due, the others are not
        if sweep_first:
            house.engine.retention.sweep()
        number, _ = ask(house, RequestKind.DELETION)
        assert house.requests.fulfil(number) is RequestState.CLOSED
        house.engine.retention.sweep()
        assert house.sealed_parts() == 1

    def test_a_second_request_and_a_replay_change_nothing(self, house: House) -> None:
        house.register()
        number, _ = ask(house, RequestKind.DELETION)
        house.requests.fulfil(number)
        before = ledger(house)
        house.requests.fulfil(number)
        house.requests.match(number)
        house.requests.resume()
        assert ledger(house) == before


class TestAccess:
    def test_the_package_holds_what_is_held_with_others_masked(self, house: House) -> None:
        house.register()
        number, token = ask(house, RequestKind.ACCESS)
        assert house.requests.fulfil(number) is RequestState.CLOSED
        package = house.requests.package(number, token)
        (record,) = package["records"]
        shown = {row["name"]: (row["value"], row["masked"]) for row in record["rows"]}
        assert shown["visitor_name"] == (NAME, False)
        assert shown["visitor_phone"] == (MOBILE, False)
        assert shown["host_room"] == ("3-***", True)
        assert shown["host_confirm"] == ("（涉及他人，已遮盖）", True)
        assert shown["entry_time"] == ("2026-03-02 10:00:00", False)
        assert all(row["purpose"] and row["label"] for row in record["rows"])
        assert record["erase_on"] == "2026-04-02"
        assert ROOM not in json.dumps(package, ensure_ascii=False)

    def test_it_is_what_was_there_when_identity_was_shown(self, house: House) -> None:
        house.hold(category="vehicle")  # holds something else
        receipt = house.register()
        house.hold(holding_id=receipt.record)
        number, token = ask(house, RequestKind.ACCESS)
        assert house.requests.fulfil(number) is RequestState.DECIDING
        with pytest.raises(RequestRefused, match="no package"):
            house.requests.package(number, token)
        for hold in house.standing():
            house.engine.holds.release(hold.id, "staff-7")
        house.clock.forward(days=40)
        house.engine.retention.sweep()
        assert house.sealed_parts() == 0
        house.requests.resume()
        (record,) = house.requests.package(number, token)["records"]
        assert NAME in {row["value"] for row in record["rows"]}

    def test_it_is_still_owed_where_all_fell_due_before_anybody_looked(self, house: House) -> None:
        asked = by_pass(house, RequestKind.ACCESS)
        house.clock.forward(days=40)
        house.engine.retention.sweep()
        assert house.sealed_parts() == 0
        assert house.requests.fulfil(asked.number) is RequestState.CLOSED
        assert house.requests.package(asked.number, asked.access_token or "")["records"]

    @pytest.mark.parametrize(("seconds", "open_"), [(-1, True), (0, False)])
    def test_it_is_open_for_seven_days_and_then_gone_with_its_key(
        self, house: House, seconds: int, open_: bool
    ) -> None:
        asked = by_pass(house, RequestKind.COPY)
        house.requests.fulfil(asked.number)
        assert house.keys("package/") == [f"package/{asked.number}"]
        house.clock.forward(days=7, seconds=seconds)
        assert house.requests.expire_packages() == (0 if open_ else 1)
        if open_:
            assert house.requests.package(asked.number, asked.access_token or "")
        else:
            with pytest.raises(RequestRefused):
                house.requests.package(asked.number, asked.access_token or "")
            assert house.keys("package/") == []

    def test_a_record_whose_key_is_lost_is_named_and_the_rest_given(self, house: House) -> None:
        house.register()
        (window,) = house.keys("window/")
        number = house.requests.open(RequestKind.ACCESS, mobile=MOBILE).number
        house.requests.match(number)
        house.deliver()
        house.engine.keyring.destroy(window)
        token = house.requests.verify(number, house.last_code())
        house.requests.fulfil(number)
        package = house.requests.package(number, token)
        assert package["records"] == []
        assert package["withheld"] == ["访客登记1条：密钥已失，无法读出。"]

    def test_nobody_without_the_token_gets_it(self, house: House) -> None:
        asked = by_pass(house, RequestKind.ACCESS)
        other = by_pass(house, RequestKind.ACCESS)
        house.requests.fulfil(asked.number)
        for token in ("", "0" * 26, other.access_token or "", "密码"):
            with pytest.raises(RequestRefused):
                house.requests.package(asked.number, token)

    def test_looking_changes_nothing(self, house: House) -> None:
        asked = by_pass(house, RequestKind.ACCESS)
        house.requests.fulfil(asked.number)
        assert house.sealed_parts() == 1


class TestTheOfficer:
    def waiting(self, house: House) -> RequestReceipt:
        house.hold(category="visitor")
        asked = by_pass(house, RequestKind.ACCESS)
        assert house.requests.fulfil(asked.number) is RequestState.DECIDING
        return asked

    def test_refuses_with_reasons_that_the_letter_tells(self, house: House) -> None:
        asked = self.waiting(house)
        house.requests.decide(asked.number, by="staff-7", accept=False, reasons=[SECRET])
        letter = house.requests.letter(asked.number, asked.access_token or "")
        assert letter["moment"] == "refusal"
        assert letter["reasons"] == [
            {"text": "法律、行政法规规定应当保密或者不需要告知。", "article": "反恐怖主义法 18"}
        ]
        assert "第五十条" in letter["court"]
        assert house.keys("package/") == house.keys("request/") == []

    def test_cannot_refuse_without_reasons(self, house: House) -> None:
        asked = self.waiting(house)
        with pytest.raises(RequestRefused, match="at least one"):
            house.requests.decide(asked.number, by="staff-7", accept=False)
        assert house.requests.status(asked.number).state is RequestState.DECIDING

    def test_cannot_refuse_because_of_the_hold_alone(self, house: House) -> None:
        asked = self.waiting(house)
        with pytest.raises(RequestRefused, match="restricted"):
            house.requests.decide(
                asked.number, by="staff-7", accept=False, reasons=[Stated(ground=Ground.LEGAL_HOLD)]
            )

    def test_decides_only_what_is_to_be_decided(self, house: House) -> None:
        asked = by_pass(house, RequestKind.ACCESS)
        with pytest.raises(RequestRefused):
            house.requests.decide(asked.number, by="staff-7", accept=True)
        house.requests.fulfil(asked.number)
        with pytest.raises(RequestRefused):
            house.requests.decide(asked.number, by="staff-7", accept=False, reasons=[SECRET])

    def test_sees_the_queue_with_its_deadlines_and_nobodys_name(self, house: House) -> None:
        asked = self.waiting(house)
        (view,) = house.requests.list_open()
        assert view.waits_for_officer
        assert not view.overdue
        shown = repr(house.requests.show(asked.number))
        assert not [secret for secret in (NAME, MOBILE, ROOM) if secret in shown]
        house.clock.forward(days=40)
        assert house.requests.status(asked.number).overdue


class TestTheRequester:
    def test_may_withdraw_the_request_before_it_is_carried_out(self, house: House) -> None:
        asked = by_pass(house, RequestKind.DELETION)
        assert house.requests.letter(asked.number, asked.access_token or "") == {}
        with pytest.raises(RequestRefused):
            house.requests.withdraw(asked.number, "0" * 26)
        house.requests.withdraw(asked.number, asked.access_token or "")
        assert house.requests.fulfil(asked.number) is RequestState.WITHDRAWN_BY_REQUESTER
        assert house.requests.letter(asked.number, asked.access_token or "")["outcome"] == "withdrawn"
        assert house.sealed_parts() == 1
        assert house.keys("request/") == []

    def test_may_not_withdraw_what_is_done(self, house: House) -> None:
        asked = by_pass(house, RequestKind.DELETION)
        house.requests.fulfil(asked.number)
        with pytest.raises(RequestRefused):
            house.requests.withdraw(asked.number, asked.access_token or "")

    def test_withdraws_consent_and_everything_collected_on_it_goes_at_once(self, house: House) -> None:
        receipt = house.register()
        with house.engine.books.reading() as books:
            assert len(books.consents.of_holding(receipt.record)) == 1
        asked = house.requests.withdraw_consent(receipt.pass_code)
        assert house.requests.status(asked.number).state is RequestState.CLOSED
        assert house.sealed_parts() == 0
        with house.engine.books.reading() as books:
            assert books.consents.of_holding(receipt.record) == []
            assert [row.cause for row in books.ledger.tombstones_of(receipt.record)] == ["withdrawal"]
        withdrawn = [line for line in house.engine.journal.read() if line["act"] == "withdrawn"]
        assert [line["members"] for line in withdrawn] == [[receipt.record]]
        assert [facts["consents"] for act, facts in ledger(house) if act == "withdrawn"] == [1]

    def test_withdrawing_under_a_hold_waits_for_nobody(self, house: House) -> None:
        receipt = house.register()
        house.hold(holding_id=receipt.record)
        asked = house.requests.withdraw_consent(receipt.pass_code)
        assert house.requests.status(asked.number).state is RequestState.PARTIAL
        (kept,) = house.requests.letter(asked.number, asked.access_token or "")["kept"]
        assert kept["law_ref"] == "刑事诉讼法 54"


class TestTheTrace:
    def test_every_move_has_one_step_and_one_sealed_entry_of_kind_and_state_alone(self, house: House) -> None:
        house.register()
        number, _ = ask(house, RequestKind.DELETION)
        house.requests.fulfil(number)
        steps = house.requests.show(number).steps
        assert [step.state for step in steps] == [
            *("received", "verifying", "searching", "deciding", "executing", "notified", "closed")
        ]
        acts = {Act.REQUESTED.value, Act.REQUEST_MOVED.value, Act.REQUEST_CLOSED.value}
        entries = [(act, facts) for act, facts in ledger(house) if act in acts]
        assert [facts for _, facts in entries] == [
            {"kind": "deletion", "state": step.state} for step in steps
        ]
        assert [entries[0][0], entries[-1][0]] == ["requested", "request_closed"]
        with house.engine.books.reading() as books:
            assert all(books.ledger.seq_of(step.act_id) is not None for step in steps)

    def test_a_typed_number_is_nowhere_in_clear_while_it_waits_or_after(self, house: House) -> None:
        typed = "19400004242"
        canary = b"canary-in-clear"
        (house.home / "canary").write_bytes(canary)
        assert canary in house.bytes_at_rest()
        house.register(typed)
        number = house.requests.open(RequestKind.DELETION, mobile=typed).number
        house.requests.match(number)
        assert len(house.keys("request/")) == len(house.keys("outbox/")) == 1
        assert typed.encode() not in house.bytes_at_rest()
        house.deliver()
        assert [destination for _, destination, _ in house.messages.sent] == [typed]
        house.requests.verify(number, house.last_code())
        house.requests.fulfil(number)
        house.deliver()
        assert typed.encode() not in house.bytes_at_rest()
        assert house.keys("request/") == house.keys("outbox/") == []
        with house.engine.books.reading() as books:
            row = books.requests.find(number)
            assert row is not None
            assert row.sealed is None
            assert books.outbox.ids() == []

    @pytest.mark.parametrize(("days", "kept"), [(1094, 1), (1095, 0)])
    def test_what_is_left_of_a_case_goes_after_three_years(self, house: House, days: int, kept: int) -> None:
        asked = by_pass(house, RequestKind.DELETION)
        house.requests.fulfil(asked.number)
        house.clock.forward(days=days)
        house.requests.resume()
        with house.engine.books.reading() as books:
            assert len(books.requests.received("2026-01-01", "2027-01-01")) == kept
            assert bool(books.requests.steps(asked.number)) is bool(kept)

    def test_neither_receipt_nor_row_shows_a_secret_when_printed(self, house: House) -> None:
        asked = by_pass(house, RequestKind.ACCESS)
        assert asked.access_token
        assert asked.access_token not in repr(asked)
