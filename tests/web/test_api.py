"""Other systems at the door: what they may write, read and ask, and what they are told when they may not."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from structlog.testing import capture_logs

from compliance.bootstrap import Engine
from compliance.domain.vocabulary import Channel, Role
from compliance.services.reading import Actor
from tests.waiting import in_the_end
from tests.web.conftest import SteppingClock, a_submission


def codes(answer: httpx.Response) -> list[tuple[str, str | None]]:
    return [(one["code"], one["field"]) for one in answer.json()["reasons"]]


class TestARecordIsWritten:
    def test_a_submission_gets_a_receipt(self, system: httpx.Client, engine: Engine) -> None:
        answer = system.post("/v1/records/visitor", json=a_submission())

        assert answer.status_code == 201
        receipt = answer.json()
        assert receipt["category"] == "visitor"
        assert len(receipt["pass_code"]) == 14
        assert receipt["pass_code"] in receipt["text"]["zh"]
        with engine.books.reading() as books:
            assert books.holdings.find(receipt["record"]) is not None

    def test_an_id_number_is_refused_in_one_sentence(self, system: httpx.Client) -> None:
        sent = a_submission(fields={**a_submission()["fields"], "id_number": "100000199001010011"})

        answer = system.post("/v1/records/visitor", json=sent)

        assert answer.status_code == 422
        assert codes(answer) == [("over_collection", "id_number")]
        assert answer.json()["reasons"][0]["zh"].startswith("我们不登记身份证号")
        assert "100000199001010011" not in answer.text

    def test_the_same_key_gets_the_same_receipt(self, system: httpx.Client) -> None:
        first = system.post("/v1/records/visitor", json=a_submission(key="k-1")).json()
        again = system.post("/v1/records/visitor", json=a_submission(key="k-1")).json()

        assert again.pop("replayed") is True
        assert first.pop("replayed") is False
        assert first == again

    def test_a_key_used_for_other_content_is_a_conflict(self, system: httpx.Client) -> None:
        system.post("/v1/records/visitor", json=a_submission(key="k-2"))

        answer = system.post(
            "/v1/records/visitor",
            json=a_submission(key="k-2", fields={"visitor_name": "王先生", "host_room": "1"}),
        )

        assert answer.status_code == 409
        assert codes(answer) == [("key_reused", "key")]

    def test_a_body_of_another_category_is_not_let_in_by_the_path(self, system: httpx.Client) -> None:
        answer = system.post("/v1/records/visitor", json=a_submission(category="delivery"))

        assert codes(answer) == [("malformed", "category")]

    @pytest.mark.parametrize(
        ("body", "status", "code"),
        [
            (b'{"fields": {}, "fields": {}}', 422, "malformed"),
            (b'{"fields": {"visitor_name": NaN}}', 422, "malformed"),
            (b'{"fields": {"visitor_name": "\\ud800"}}', 422, "malformed"),
            (b"[" * 50_000, 422, "malformed"),
            (b"[]", 422, "malformed"),
            (b"", 422, "malformed"),
            (b'"' + b"x" * 70_000 + b'"', 413, "too_large"),
            (b'"' + b"x" * 10_000_000 + b'"', 413, "too_large"),
        ],
        ids=["two keys alike", "NaN", "half a pair", "deep", "a list", "nothing", "large", "huge"],
    )
    def test_what_cannot_be_read_is_a_reason(
        self, system: httpx.Client, body: bytes, status: int, code: str
    ) -> None:
        answer = system.post("/v1/records/visitor", content=body)

        assert answer.status_code == status
        assert codes(answer) == [(code, None)]

    def test_a_body_without_a_length_is_not_read_beyond_its_bound(self, system: httpx.Client) -> None:
        def endless() -> Iterator[bytes]:
            yield b'"'
            for _ in range(200):
                yield b"x" * 1024

        answer = system.post("/v1/records/visitor", content=endless())

        assert answer.status_code == 413


class TestAKeyOpensWhatItIsFor:
    @pytest.mark.parametrize("header", ["", "Bearer", "Bearer ck_WRONG", "Basic x", "Bearer \u00e9"])
    def test_nobody_comes_in_without_a_key(self, anybody: httpx.Client, header: str) -> None:
        headers = {b"authorization": header.encode("latin-1")}

        answer = anybody.post("/v1/records/visitor", json=a_submission(), headers=headers)

        assert answer.status_code == 401
        assert answer.json()["error"] == "no_key"

    def test_a_key_for_vehicles_registers_no_visitors(self, anybody: httpx.Client, engine: Engine) -> None:
        key = engine.access.issue_api_key("main", categories=["vehicle"])

        answer = anybody.post(
            "/v1/records/visitor", json=a_submission(), headers={"authorization": f"Bearer {key.secret}"}
        )

        assert answer.status_code == 403
        assert answer.json()["error"] == "out_of_scope"

    def test_a_key_for_kiosks_says_its_channel_and_no_other(
        self, anybody: httpx.Client, engine: Engine
    ) -> None:
        key = engine.access.issue_api_key("main", channels=[Channel.KIOSK])

        answer = anybody.post(
            "/v1/records/visitor", json=a_submission(), headers={"authorization": f"Bearer {key.secret}"}
        )

        assert codes(answer) == [("malformed", "channel")]

    def test_a_revoked_key_is_no_key(self, anybody: httpx.Client, engine: Engine) -> None:
        key = engine.access.issue_api_key("main")
        headers = {"authorization": f"Bearer {key.secret}"}
        assert anybody.get("/v1/policies/visitor", headers=headers).status_code == 200

        engine.access.revoke_api_key(key.id)

        assert anybody.get("/v1/policies/visitor", headers=headers).status_code == 401

    def test_another_categorys_record_looks_like_none(
        self, anybody: httpx.Client, system: httpx.Client, engine: Engine
    ) -> None:
        record = system.post("/v1/records/visitor", json=a_submission()).json()["record"]
        key = engine.access.issue_api_key("main", categories=["vehicle"])
        headers = {"authorization": f"Bearer {key.secret}"}

        read = anybody.get(f"/v1/records/{record}?purpose=entry_security", headers=headers)
        unknown = anybody.get("/v1/records/2611-x?purpose=entry_security", headers=headers)

        assert (read.status_code, read.text) == (unknown.status_code, unknown.text) == (404, unknown.text)

    def test_an_api_call_reads_no_cookie(self, guard: httpx.Client) -> None:
        assert guard.get("/v1/policies/visitor").status_code == 401


class TestARecordLivesOn:
    def test_an_exit_time_comes_later_and_ends_what_the_gate_may_see(
        self, system: httpx.Client, engine: Engine, clock: SteppingClock
    ) -> None:
        sent = a_submission(fields={"visitor_name": "张三丰", "host_room": "3-1-1201"})
        record = system.post("/v1/records/visitor", json=sent).json()["record"]
        shown = system.get(f"/v1/records/{record}?purpose=entry_security").json()
        assert shown["fields"]["visitor_name"] == "张**"
        left = clock.now().isoformat()

        assert system.patch(f"/v1/records/{record}", json={"exit_time": left}).status_code == 200

        after = system.get(f"/v1/records/{record}?purpose=entry_security")
        assert (after.status_code, after.json()["error"]) == (403, "read_refused")
        assert "人已离开" in after.json()["zh"]
        officer = Actor(id="staff-9", role=Role.OFFICER)
        assert "exit_time" in engine.reader.read(record, "entry_security", officer).fields

    def test_nothing_else_comes_later(self, system: httpx.Client) -> None:
        record = system.post("/v1/records/visitor", json=a_submission()).json()["record"]

        answer = system.patch(f"/v1/records/{record}", json={"visitor_name": "赵女士", "id_number": "x"})

        assert answer.status_code == 422
        assert {code for code, _ in codes(answer)} == {"bad_order", "over_collection"}

    def test_a_purpose_that_the_policy_does_not_give_reads_nothing(self, system: httpx.Client) -> None:
        record = system.post("/v1/records/visitor", json=a_submission()).json()["record"]

        assert system.get(f"/v1/records/{record}?purpose=marketing").status_code == 403
        assert system.get(f"/v1/records/{record}").status_code == 422
        assert system.get("/v1/records/2611-nosuch?purpose=x").status_code == 404


class TestABatchIsWritten:
    def line(self, clock: SteppingClock, **fields: str) -> dict[str, object]:
        return {
            "category": "vehicle",
            "channel": "lpr",
            "collected_at": (clock.now() - timedelta(minutes=1)).isoformat(),
            "fields": {"plate_no": "京A00001", "gate": "北门", **fields},
            "notice": {"mode": "posted"},
        }

    def test_every_line_has_a_verdict(self, system: httpx.Client, clock: SteppingClock) -> None:
        lines = [
            json.dumps(self.line(clock)),
            "",
            json.dumps(self.line(clock, id_number="100000199001010011")),
            "{not json",
            json.dumps({**self.line(clock), "consent": [{"kind": "plain", "by": "self", "act": "tap"}]}),
            '"' + "x" * 70_000 + '"',
            json.dumps(self.line(clock, plate_no="京A00002")),
        ]

        answer = system.post("/v1/records", content="\n".join(lines).encode())

        said = [json.loads(line) for line in answer.text.splitlines()]
        assert answer.status_code == 200
        assert [(one["line"], one["verdict"]) for one in said] == [
            (1, "admitted"), (3, "refused"), (4, "refused"), (5, "refused"), (6, "refused"), (7, "admitted")]  # fmt: skip
        assert [reason["code"] for one in said for reason in one["reasons"]] == [
            "over_collection", "malformed", "no_consent", "too_large"]  # fmt: skip
        assert "100000199001010011" not in answer.text
        assert said[0]["record"] != said[-1]["record"]

    def test_a_client_that_sends_everything_before_it_reads_is_served(
        self, system: httpx.Client, clock: SteppingClock
    ) -> None:
        line = json.dumps(self.line(clock)).encode() + b"\n"

        answer = system.post("/v1/records", content=line * 3000)

        assert answer.text.count('"admitted"') == 3000

    def test_lines_behind_the_bound_are_not_read(
        self, system: httpx.Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("compliance.web.batches.MOST_LINES", 3)

        answer = system.post("/v1/records", content=b"{}\n" * 5)

        said = [json.loads(line) for line in answer.text.splitlines()]
        assert [one["line"] for one in said] == [1, 2, 3, 4]
        assert said[-1]["rest"] == "unread"


class TestAKioskAsksWhatToAsk:
    def test_a_notice_is_issued_and_a_tap_under_it_is_consent(self, system: httpx.Client) -> None:
        notice = system.get("/v1/notices/visitor").json()
        assert "示例物业服务有限公司" in notice["text"]

        answer = system.post(
            "/v1/records/visitor",
            json=a_submission(
                channel="kiosk",
                notice={"mode": "screen", "id": notice["id"]},
                consent=[{"kind": "plain", "by": "self", "act": "tap"}],
            ),
        )

        assert answer.status_code == 201

    def test_a_notice_that_nobody_issued_is_none(self, system: httpx.Client) -> None:
        answer = system.post(
            "/v1/records/visitor",
            json=a_submission(
                channel="kiosk",
                notice={"mode": "screen", "id": "made-up"},
                consent=[{"kind": "plain", "by": "self", "act": "tap"}],
            ),
        )

        assert ("no_notice", None) in codes(answer)

    def test_the_full_rules_are_a_page_for_anybody(self, anybody: httpx.Client, system: httpx.Client) -> None:
        answer = anybody.get(system.get("/v1/notices/visitor?lang=en").json()["html"])

        assert answer.status_code == 200
        assert "sha256-" in answer.headers["content-security-policy"]
        assert anybody.get("/v1/notices/nosuch/page").status_code == 404

    def test_the_form_says_what_is_required_and_what_instead(self, system: httpx.Client) -> None:
        form = system.get("/v1/policies/visitor?channel=kiosk").json()

        fields = {one["name"]: one for one in form["fields"]}
        assert fields["visitor_name"]["required"] is True
        assert fields["visitor_name"]["alternatives"][0]["fills"] == "host_confirm"
        assert fields["host_room"]["alternatives"][0]["fills"] is None
        assert fields["visitor_phone"]["required"] is False
        assert "id_number" in form["never"]
        assert system.get("/v1/policies/visitor?channel=lpr").status_code == 404

    def test_the_form_has_everything_that_a_kiosk_draws(self, system: httpx.Client) -> None:
        form = system.get("/v1/policies/visitor?channel=kiosk").json()

        fields = {one["name"]: one for one in form["fields"]}
        assert fields["visitor_name"]["label"] == {"zh": "姓名", "en": "Name"}
        assert (fields["visitor_name"]["type"], fields["visitor_name"]["longest"]) == ("person_name", 30)
        assert "商务" in fields["visit_purpose"]["values"]
        assert fields["visitor_name"]["consent"] == "plain"
        assert "示例物业服务有限公司" in form["notice"]["zh"]
        assert form["notice"]["en"]
        assert form["notice"]["issued_at"] == "/v1/notices/visitor"
        assert ["entry_time", "exit_time"] in form["order"]
        assert form["limits"] == {"body_bytes": 65536, "fields": 60, "key": 200, "calls": "6000/minute"}
        assert form["consent_acts"] == ["tap", "sign", "spoken"]

    def test_the_form_is_that_of_the_channel(self, system: httpx.Client) -> None:
        whole = system.get("/v1/policies/vehicle").json()
        lpr = system.get("/v1/policies/vehicle?channel=lpr").json()

        names = [{one["name"] for one in form["fields"]} for form in (whole, lpr)]
        assert names[0] - names[1] >= {"driver_phone", "visit_room"}
        assert "driver_phone" in whole["consent_needed"]
        assert "driver_phone" not in lpr["consent_needed"]


class TestAKeyIsForOneSite:
    @pytest.fixture
    def stranger(self, engine: Engine, address: str) -> Iterator[httpx.Client]:
        """A system of another site, whose key is good for everything there."""
        headers = {"authorization": f"Bearer {engine.access.issue_api_key('north').secret}"}
        with httpx.Client(base_url=address, headers=headers, trust_env=False, timeout=30) as client:
            yield client

    def test_nothing_is_written_for_another(self, stranger: httpx.Client, system: httpx.Client) -> None:
        assert system.post("/v1/records/visitor", json=a_submission()).status_code == 201
        assert codes(stranger.post("/v1/records/visitor", json=a_submission())) == [("malformed", "site")]
        named = a_submission(site="main")
        assert codes(stranger.post("/v1/records/visitor", json=named)) == [("malformed", "site")]

    def test_nothing_is_written_in_a_batch_either(self, stranger: httpx.Client) -> None:
        line = {
            "category": "vehicle",
            "channel": "lpr",
            "site": "main",
            "collected_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "fields": {"plate_no": "京A00001"},
            "notice": {"mode": "posted"},
        }
        answer = stranger.post("/v1/records", content=json.dumps(line).encode())

        assert answer.json()["verdict"] == "refused"

    def test_nothing_is_read_amended_or_asked(self, stranger: httpx.Client, system: httpx.Client) -> None:
        receipt = system.post("/v1/records/visitor", json=a_submission()).json()
        record = f"/v1/records/{receipt['record']}"
        asked = system.post("/v1/requests", json={"kind": "access", "pass_code": receipt["pass_code"]}).json()

        assert stranger.get(f"{record}?purpose=entry_security").status_code == 404
        assert stranger.patch(record, json={"exit_time": "2026-03-01T18:00:00+08:00"}).status_code == 404
        assert stranger.get(f"/v1/requests/{asked['number']}").status_code == 404
        verified = stranger.post(f"/v1/requests/{asked['number']}/verify", json={"code": "123456"})
        assert verified.status_code == 403

    def test_neither_its_form_nor_its_notice_is_told(self, stranger: httpx.Client) -> None:
        assert stranger.get("/v1/policies/visitor").json()["error"] == "out_of_scope"
        assert stranger.get("/v1/notices/visitor").json()["error"] == "out_of_scope"


class TestASubjectAsksThroughASystem:
    def test_a_pass_code_opens_a_request(self, system: httpx.Client) -> None:
        receipt = system.post("/v1/records/visitor", json=a_submission()).json()

        asked = system.post("/v1/requests", json={"kind": "access", "pass_code": receipt["pass_code"]})

        assert asked.status_code == 201
        status = system.get(f"/v1/requests/{asked.json()['number']}").json()
        assert status["kind"] == "access"
        assert status["deadlines"]["house"] <= status["deadlines"]["legal"]

    def test_a_withdrawal_by_pass_code_erases(self, system: httpx.Client) -> None:
        receipt = system.post("/v1/records/visitor", json=a_submission()).json()
        record = f"/v1/records/{receipt['record']}?purpose=entry_security"
        assert system.get(record).status_code == 200

        gone = system.post("/v1/consents/withdraw", json={"pass_code": receipt["pass_code"]})

        assert gone.status_code == 201
        assert system.get(record).status_code == 410

    def test_a_replay_after_erasure_says_that_it_is_gone(self, system: httpx.Client) -> None:
        receipt = system.post("/v1/records/visitor", json=a_submission(key="k-9")).json()
        system.post("/v1/consents/withdraw", json={"pass_code": receipt["pass_code"]})

        assert system.post("/v1/records/visitor", json=a_submission(key="k-9")).status_code == 410

    def test_a_number_on_record_and_any_other_get_the_same_answer(self, system: httpx.Client) -> None:
        sent = a_submission()
        sent["fields"]["visitor_phone"] = "19400000001"
        assert system.post("/v1/records/visitor", json=sent).status_code == 201

        known = system.post("/v1/requests", json={"kind": "access", "mobile": "19400000001"})
        other = system.post("/v1/requests", json={"kind": "access", "mobile": "19400000002"})

        assert known.status_code == other.status_code == 202
        assert known.json().keys() == other.json().keys()
        assert "19400000001" not in known.text

    @pytest.mark.parametrize(
        "sent",
        [
            {},
            {"kind": "nosuch", "pass_code": "X"},
            {"kind": "access", "pass_code": "0000-0000-0000"},
            {"kind": "access", "pass_code": 7},
            {"kind": "access", "mobile": "1"},
            {"kind": "access", "name": "张三"},
        ],
    )
    def test_what_makes_no_request_is_refused(self, system: httpx.Client, sent: dict[str, object]) -> None:
        assert system.post("/v1/requests", json=sent).status_code == 422

    def test_a_wrong_code_proves_nothing(self, system: httpx.Client) -> None:
        number = system.post("/v1/requests", json={"kind": "access", "mobile": "19400000003"}).json()[
            "number"
        ]

        assert system.post(f"/v1/requests/{number}/verify", json={"code": "000000"}).status_code == 403
        assert system.get("/v1/requests/NOSUCH").status_code == 404


def test_verdicts_come_while_the_batch_is_still_being_sent(
    address: str, secret: str, clock: SteppingClock
) -> None:
    line = json.dumps(TestABatchIsWritten().line(clock)).encode() + b"\n"
    host, port = address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=20) as wire:
        head = f"POST /v1/records HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {secret}\r\ntransfer-encoding: chunked\r\n\r\n"
        wire.sendall(head.encode())
        wire.sendall(b"%x\r\n%s\r\n" % (len(line) * 500, line * 500))
        heard = b""
        while heard.count(b'"admitted"') < 500:
            heard += wire.recv(65536)
        wire.sendall(b"%x\r\n%s\r\n0\r\n\r\n" % (len(line), line))
        while not heard.endswith(b"0\r\n\r\n"):
            heard += wire.recv(65536)

    assert heard.count(b'"admitted"') == 501


def test_a_client_that_goes_away_crashes_nothing(address: str, secret: str, system: httpx.Client) -> None:
    host, port = address.removeprefix("http://").split(":")
    with capture_logs() as logs:
        with socket.create_connection((host, int(port)), timeout=20) as wire:
            head = f"POST /v1/records HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {secret}\r\ncontent-length: 9999\r\n\r\n"
            wire.sendall(head.encode() + b'{"category"')
        in_the_end(lambda: logs)

    assert [one["event"] for one in logs] == ["answered"]
    assert system.get("/v1/health").status_code == 200
