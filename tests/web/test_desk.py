"""A guard at the desk, without any script: what the form asks, how consent is given, what is said when it is refused."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from compliance.bootstrap import Engine
from compliance.domain.errors import RecordErased
from compliance.domain.vocabulary import Channel, Role
from compliance.services.reading import Actor
from compliance.web.app import create_app
from tests.web.conftest import an_engine, logged_in, served

OFFICER = Actor(id="staff-9", role=Role.OFFICER)


def a_form(client: httpx.Client, category: str = "visitor") -> dict[str, str]:
    """The hidden fields of a fresh form: what a browser would send back with the rest."""
    text = client.get(f"/desk/new/{category}").text
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', text)
    return {name: html.unescape(value) for name, value in hidden}


def send(
    client: httpx.Client, category: str = "visitor", act: str = "spoken", **typed: str
) -> httpx.Response:
    return client.post(f"/desk/new/{category}", data={**a_form(client, category), "_act": act, **typed})


def record_of(answer: httpx.Response) -> str:
    found = re.search(r"\d{4}-[a-z2-7]{20}", answer.text)
    assert found, answer.text
    return found[0]


VISITOR = {"visitor_name": "李女士", "host_room": "3-1-1201"}


class TestTheFormIsDrawnFromThePolicy:
    def test_a_star_marks_what_is_required(self, guard: httpx.Client) -> None:
        text = guard.get("/desk/new/visitor").text

        assert re.search(r'姓名<b class="star"', text)
        assert re.search(r"联系电话<small>选填", text)
        assert "不愿提供？改为：由住户确认后放行，不登记姓名" in text

    def test_the_notice_to_read_out_stands_before_the_fields(self, guard: httpx.Client) -> None:
        text = guard.get("/desk/new/visitor").text

        assert text.index("示例物业服务有限公司") < text.index('name="visitor_name"')

    def test_nothing_is_ticked_and_no_number_of_an_id_is_asked(self, guard: httpx.Client) -> None:
        text = guard.get("/desk/new/service").text

        checked = re.findall(r'name="([^"]+)" value="([^"]*)" checked', text)
        assert all(value == "" for _, value in checked)
        assert "id_check.type" in text
        assert not re.search(r'name="id_(?:number|photo)|type="file"|capture', text)

    def test_every_category_of_the_desk_has_its_form(self, guard: httpx.Client, engine: Engine) -> None:
        pack = engine.active_pack()
        for category, policy in pack.categories.items():
            shown = guard.get(f"/desk/new/{category}")
            if Channel.DESK in policy.channels:
                assert policy.label.zh in shown.text
            else:
                assert shown.status_code == 404
        assert guard.get("/desk/new/nosuch").status_code == 404

    def test_what_comes_later_is_not_asked_now(self, guard: httpx.Client) -> None:
        assert 'name="exit_time"' not in guard.get("/desk/new/visitor").text
        assert 'name="pass_end"' in guard.get("/desk/new/service").text
        assert 'name="lease_end"' in guard.get("/desk/new/long_term_tenant").text


class TestAPersonIsRegistered:
    def test_spoken_consent_is_evidence_by_the_guard_who_heard_it(
        self, guard: httpx.Client, engine: Engine
    ) -> None:
        answer = send(guard, **VISITOR, visitor_phone="", party_size="２", visit_purpose="")

        assert answer.status_code == 201
        record = record_of(answer)
        with engine.books.reading() as books:
            (evidence,) = books.consents.of_holding(record)
        assert (evidence.act, evidence.notice, evidence.channel) == ("spoken", "oral:staff-7", "desk")
        shown = engine.reader.read(record, "entry_security", OFFICER).fields
        assert shown["party_size"] == 2
        assert "visitor_phone" not in shown

    def test_a_second_tap_registers_nobody_twice(self, guard: httpx.Client) -> None:
        form = {**a_form(guard), "_act": "spoken", **VISITOR}

        first, again = (guard.post("/desk/new/visitor", data=form) for _ in range(2))

        assert record_of(first) == record_of(again)
        assert "已经登记过" in again.text

    def test_an_earlier_form_does_not_carry_a_second_person(self, guard: httpx.Client) -> None:
        form = {**a_form(guard), "_act": "spoken"}
        guard.post("/desk/new/visitor", data={**form, **VISITOR})

        answer = guard.post("/desk/new/visitor", data={**form, "visitor_name": "王先生", "host_room": "2"})

        assert answer.status_code == 422
        assert f'name="_key" value="{form["_key"]}"' not in answer.text

    def test_a_declined_name_is_replaced_by_the_hosts_word(self, guard: httpx.Client, engine: Engine) -> None:
        answer = send(
            guard,
            **{
                "visitor_name": "李女士",
                "_decline.visitor_name": "host_confirm",
                "_decline.host_room": "front_desk_call",
            },
        )

        assert answer.status_code == 201
        shown = engine.reader.read(record_of(answer), "entry_security", OFFICER).fields
        assert shown["host_confirm"] == "已确认"
        assert "visitor_name" not in shown

    def test_an_emergency_crew_needs_nothing(self, guard: httpx.Client, engine: Engine) -> None:
        answer = send(guard, "emergency")

        assert answer.status_code == 201
        with engine.books.reading() as books:
            assert books.consents.of_holding(record_of(answer)) == []

    def test_a_contract_needs_no_consent_and_none_is_made_up(
        self, guard: httpx.Client, engine: Engine
    ) -> None:
        end = datetime.now(UTC) + timedelta(days=100)
        answer = send(
            guard,
            "long_term_tenant",
            tenant_name="王先生",
            tenant_phone="19400000001",
            room="2-101",
            lease_start="2026-01-01T00:00",
            lease_end=f"{end:%Y-%m-%dT%H:%M}",
        )

        assert answer.status_code == 201
        with engine.books.reading() as books:
            assert books.consents.of_holding(record_of(answer)) == []

    def test_a_checked_document_leaves_kind_and_result_and_no_number(
        self, guard: httpx.Client, engine: Engine
    ) -> None:
        worker = {
            "worker_name": "王师傅",
            "employer_name": "示例家政",
            "service_type": "家政保洁",
            "service_room": "2-101",
        }
        checked = {**worker, "id_check.type": "resident_id", "id_check.result": "pass"}

        unasked = send(guard, "service", **checked)
        numbered = send(guard, "service", **checked, **{"_separate.id_check": "yes", "id_check.number": "x"})
        refused = send(guard, "service", **checked, **{"_separate.id_check": "no"})
        agreed = send(guard, "service", **checked, **{"_separate.id_check": "yes"})

        assert (unasked.status_code, numbered.status_code) == (422, 422)
        assert refused.status_code == agreed.status_code == 201
        purpose = "works_safety"
        assert "id_check" not in engine.reader.read(record_of(refused), purpose, OFFICER).fields
        kept = engine.reader.read(record_of(agreed), purpose, OFFICER).fields["id_check"]
        assert isinstance(kept, dict)
        assert set(kept) == {"type", "result", "time", "by"}
        assert kept["by"] == "staff-7"

    def test_with_an_address_for_phones_the_receipt_has_a_code_to_scan(self, tmp_path: Path) -> None:
        with an_engine(tmp_path / "home", public_url="https://visit.example") as reachable:
            app = create_app(reachable)
            with served(app) as address, logged_in(address, "staff-7", secure=True) as client:
                answer = send(client, **VISITOR)
                headers = client.get("/login").headers

        assert 'src="data:image/svg' in answer.text
        assert "strict-transport-security" in headers

    def test_without_an_address_for_phones_there_is_no_code_to_scan(self, guard: httpx.Client) -> None:
        text = send(guard, **VISITOR).text

        assert "<img" not in text
        assert "凭此码可查阅、复制、删除或撤回同意：到前台或致电" in text

    def test_a_check_without_its_result_is_told_what_to_tap(self, guard: httpx.Client) -> None:
        worker = {"worker_name": "王先生", "employer_name": "示例公司", "service_type": "家政保洁"}
        half = {"service_room": "3-1-1201", "id_check.type": "resident_id", "_separate.id_check": "yes"}

        refused = send(guard, "service", **worker, **half)

        assert refused.status_code == 422
        assert "请选核验结果；没有核验的，选“没有核验”。" in refused.text
        assert send(guard, "service", **worker, **half, **{"id_check.result": "pass"}).status_code == 201


class TestAVisitorReadsForThemselves:
    def test_a_tap_on_the_notice_is_consent(self, guard: httpx.Client, engine: Engine) -> None:
        shown = send(guard, act="screen", **VISITOR)
        assert shown.status_code == 200
        assert "将要登记" in shown.text
        assert shown.text.count('class="same"') == 2
        assert "checked" not in shown.text
        hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', shown.text))

        answer = guard.post("/desk/new/visitor", data={**hidden, "_act": "tap"})

        assert answer.status_code == 201
        with engine.books.reading() as books:
            (evidence,) = books.consents.of_holding(record_of(answer))
        assert (evidence.act, evidence.notice.split(":")[0]) == ("tap", "screen")

    def test_a_no_keeps_nothing_and_offers_the_other_ways(self, guard: httpx.Client, engine: Engine) -> None:
        with engine.books.reading() as books:
            before = books.holdings.recent("main", 1)

        answer = send(guard, act="no", **VISITOR)

        assert "没有保存任何内容" in answer.text
        assert "由前台直接联系住户" in answer.text
        assert "李女士" not in answer.text
        with engine.books.reading() as books:
            assert books.holdings.recent("main", 1) == before

    def test_what_would_be_refused_is_refused_before_anybody_reads(self, guard: httpx.Client) -> None:
        answer = send(guard, act="screen", visitor_name="12345", host_room="1")

        assert answer.status_code == 422
        assert 'name="visitor_name"' in answer.text

    def test_a_tap_without_a_notice_that_was_shown_is_no_consent(self, guard: httpx.Client) -> None:
        answer = send(guard, act="tap", **VISITOR, _notice="made-up")

        assert answer.status_code == 422
        assert "告知" in answer.text


def agreed(engine: Engine, record: str) -> list[tuple[str, tuple[str, ...]]]:
    """How each consent behind a record was given, and to what of the fields that a desk types."""
    typed = {"visitor_name", "host_room", "visitor_phone"}
    rows = engine.consents.of_record(record)
    return sorted((row.act, tuple(name for name in row.covers if name in typed)) for row in rows)


def pass_of(answer: httpx.Response) -> str:
    found = re.search(r"(?:[0-9A-Z]{4}-){2}[0-9A-Z]{4}", answer.text)
    assert found, answer.text
    return found[0]


class TestSomebodyComesAgainWithAPass:
    def test_what_they_agreed_to_is_not_asked_again(self, guard: httpx.Client, engine: Engine) -> None:
        code = pass_of(send(guard, **VISITOR))

        second = send(guard, act="pass", _pass=code.lower().replace("-", " "), **VISITOR)

        assert second.status_code == 201
        assert agreed(engine, record_of(second)) == [("pass", ("visitor_name", "host_room"))]
        engine.requests.withdraw_consent(code)
        with pytest.raises(RecordErased):
            engine.reader.read(record_of(second), "entry_security", OFFICER)

    def test_what_the_pass_does_not_cover_is_asked_for_and_stated_by_name(
        self, guard: httpx.Client, engine: Engine
    ) -> None:
        code = pass_of(send(guard, **VISITOR))
        more = {**VISITOR, "visitor_phone": "19400000001"}

        refused = send(guard, act="pass", _pass=code, **more)
        spoken = send(guard, _pass=code, **more)

        assert refused.status_code == 422
        assert "联系电话" in re.findall(r'<p class="say">([^<]+)', refused.text)[0]
        assert f'value="{code}"' in refused.text
        assert agreed(engine, record_of(spoken)) == [
            ("pass", ("visitor_name", "host_room")),
            ("spoken", ("visitor_phone",)),
        ]

    @pytest.mark.parametrize(
        ("code", "says"), [("ABCD-EFGH-JKMN", "没有有效的同意"), ("ABC", "请对照回执核对")]
    )
    def test_a_code_that_is_none_is_said_beside_it(self, guard: httpx.Client, code: str, says: str) -> None:
        answer = send(guard, act="pass", _pass=code, **VISITOR)

        assert answer.status_code == 422
        fault = re.search(r'id="f-pass-fault">([^<]+)', answer.text)
        assert fault
        assert says in fault[1]

    def test_the_screen_asks_for_what_is_left_and_else_only_to_read(
        self, guard: httpx.Client, engine: Engine
    ) -> None:
        code = pass_of(send(guard, **VISITOR))
        whole = send(guard, act="screen", _pass=code, **VISITOR)
        assert "已阅读" in whole.text
        assert "这次不再询问" in whole.text
        part = send(guard, act="screen", _pass=code, visitor_phone="19400000001", **VISITOR)
        assert ">同意</button>" in part.text

        kept = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', part.text))
        tapped = guard.post("/desk/new/visitor", data={**kept, "_act": "tap"})

        assert agreed(engine, record_of(tapped)) == [
            ("pass", ("visitor_name", "host_room")),
            ("tap", ("visitor_phone",)),
        ]

    def test_the_code_is_asked_only_where_something_rests_on_consent(self, guard: httpx.Client) -> None:
        assert 'name="_pass"' in guard.get("/desk/new/visitor").text
        assert 'name="_pass"' not in guard.get("/desk/new/emergency_exempt").text


class TestARefusalIsOneSentence:
    def test_an_id_number_is_left_out_and_not_shown_again(self, guard: httpx.Client) -> None:
        answer = send(guard, **VISITOR, id_number="100000199001010011")

        assert answer.status_code == 422
        assert "我们不登记身份证号，请删去这一项，其他照常登记。" in answer.text
        assert "100000199001010011" not in answer.text
        assert 'value="李女士"' in answer.text

    @pytest.mark.parametrize("name", ["id_photo", "health_code", "身份证号", "nosuch", "visitor_name.x"])
    def test_a_field_that_the_policy_does_not_name_is_refused(self, guard: httpx.Client, name: str) -> None:
        assert send(guard, **VISITOR, **{name: "canary"}).status_code == 422

    def test_the_sentence_stands_beside_its_field(self, guard: httpx.Client) -> None:
        answer = send(guard, **VISITOR, visitor_phone="1940000")

        assert answer.text.count("号码位数不对，请核对；这一项也可以不填。") == 2
        assert re.search(r'name="visitor_phone"[^>]*aria-invalid="true"', answer.text)

    def test_what_was_typed_is_escaped(self, guard: httpx.Client) -> None:
        answer = send(guard, visitor_name='"><script>x</script>', host_room="1")

        assert "<script>x" not in answer.text

    def test_a_name_typed_twice_is_not_guessed_at(self, guard: httpx.Client) -> None:
        form = {**a_form(guard), "_act": ["spoken", "tap"], **VISITOR}

        assert guard.post("/desk/new/visitor", data=form).status_code == 400


class TestSomebodyLeaves:
    def test_who_is_inside_is_listed_masked_until_they_leave(self, guard: httpx.Client) -> None:
        record = record_of(send(guard, visitor_name="张三丰", host_room="3-1-1201"))
        listed = guard.get("/desk/inside").text
        assert record in listed
        assert "张**" in listed
        assert "张三丰" not in listed

        token = guard.cookies["csrftoken"]
        answer = guard.post(f"/desk/inside/{record}/left", data={"csrftoken": token})

        assert answer.headers["location"] == "/desk/inside?left=visitor"
        told = guard.get(answer.headers["location"]).text
        assert "访客，已离开。" in told
        assert record not in told

    def test_a_category_that_nobody_registers_is_not_said_to_have_left(self, guard: httpx.Client) -> None:
        assert "已离开" not in guard.get("/desk/inside?left=<b>").text

    def test_a_lane_of_cameras_pushes_nobody_off_the_list(self, guard: httpx.Client, engine: Engine) -> None:
        record = record_of(send(guard, **VISITOR))
        plate = {"collected_at": engine.clock.now().isoformat(), "fields": {"plate_no": "京A00001"}}
        line = {"category": "vehicle", "channel": "lpr", "notice": {"mode": "posted"}, **plate}
        assert all(outcome.receipt for outcome in engine.gate.write_many([line] * 40))

        assert record in guard.get("/desk/inside").text
        assert record not in guard.get("/desk/inside?category=vehicle").text
        assert guard.get("/desk/inside?category=vehicle").text.count("离开</button>") == 30

    def test_a_comfortable_page_gets_the_line_alone(self, guard: httpx.Client) -> None:
        record = record_of(send(guard, **VISITOR))

        answer = guard.post(
            f"/desk/inside/{record}/left",
            data={"csrftoken": guard.cookies["csrftoken"]},
            headers={"hx-request": "true"},
        )

        assert "已离开" in answer.text
        assert "<html" not in answer.text

    def test_nobody_leaves_who_never_came(self, guard: httpx.Client) -> None:
        sent = {"csrftoken": guard.cookies["csrftoken"]}

        assert guard.post("/desk/inside/2611-nosuch/left", data=sent).status_code == 404
