"""Subjects at the portal: the notices, a request from the form to the letter, and what nobody learns from it."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import httpx
import pytest

from compliance.bootstrap import Engine
from compliance.domain.certificate import verify_certificate
from compliance.domain.request import RequestKind
from compliance.services.transports import ListTransport
from tests.web.conftest import SteppingClock, a_submission

PHONE, STRANGER = "19400000001", "19400000009"


def a_visit(engine: Engine, phone: str = PHONE) -> str:
    """Somebody was here; returns the pass code on the slip."""
    fields = {**a_submission()["fields"], "visitor_phone": phone}
    return engine.gate.write({**a_submission(fields=fields), "category": "visitor"}).pass_code


def sent(client: httpx.Client, path: str, **fields: str) -> httpx.Response:
    """A form, sent as the page would send it."""
    client.get("/me/ask")
    return client.post(path, data={"csrftoken": client.cookies["csrftoken"], **fields})


def codes_sent(engine: Engine) -> list[tuple[str, str]]:
    """(number, code) of every message that waits to be sent."""
    transport = ListTransport()
    engine.outbox.deliver(transport)
    found = ((destination, re.search(r"验证码(\d{6})", body)) for _, destination, body in transport.sent)
    return [(destination, code[1]) for destination, code in found if code]


class TestTheNotices:
    @pytest.mark.parametrize("lang", ["zh", "en"])
    def test_every_category_has_its_notice_without_a_login(
        self, phone: httpx.Client, engine: Engine, lang: str
    ) -> None:
        categories = list(engine.active_pack().categories)
        home = phone.get("/me").text

        for category in categories:
            assert f'href="/me/notices/{category}"' in home
            answer = phone.get(f"/me/notices/{category}", params={"lang": lang})
            assert answer.status_code == 200
            assert "0000-2000000" in answer.text

    def test_a_notice_can_be_kept_as_a_sheet(self, phone: httpx.Client) -> None:
        answer = phone.get("/me/notices/visitor.pdf")

        assert answer.headers["content-type"] == "application/pdf"
        assert answer.content.startswith(b"%PDF")
        assert phone.get("/me/notices/visitor.html").status_code == 200

    @pytest.mark.parametrize("ending", ["", ".pdf", ".html"])
    def test_an_unknown_category_leads_home(self, phone: httpx.Client, ending: str) -> None:
        assert phone.get(f"/me/notices/nobody{ending}").status_code == 404

    def test_english_is_remembered(self, phone: httpx.Client) -> None:
        assert "提出申请" in phone.get("/me").text
        phone.get("/me?lang=en")

        assert "Make a request" in phone.get("/me").text


class TestTheForm:
    def test_nothing_is_ticked_and_nothing_unbuilt_is_offered(self, phone: httpx.Client) -> None:
        page = phone.get("/me/ask").text

        assert "checked" not in page
        assert 'value="deletion"' in page
        assert 'value="transfer"' not in page

    @pytest.mark.parametrize(
        ("fields", "told"),
        [
            ({"code": "0000-0000-0000"}, "请先选择要办理的事项"),
            ({"kind": "transfer", "code": "0000-0000-0000"}, "请先选择要办理的事项"),
            ({"kind": "access"}, "填一个就行"),
            ({"kind": "access", "code": "0000-0000-0000", "mobile": PHONE}, "请留下其中一个"),
            ({"kind": "access", "code": "0000-0000-0000"}, "没有找到这个通行码"),
            ({"kind": "access", "mobile": "12"}, "手机号位数不对"),
        ],
    )
    def test_a_form_that_cannot_be_taken_says_what_to_do_next(
        self, phone: httpx.Client, fields: dict[str, str], told: str
    ) -> None:
        answer = sent(phone, "/me/ask", **fields)

        assert answer.status_code == 422
        assert told in answer.text
        assert all(typed not in answer.text for typed in (PHONE, "0000-0000-0000"))

    def test_a_form_without_its_token_is_refused(self, phone: httpx.Client, engine: Engine) -> None:
        before = len(engine.requests.list_open())
        phone.get("/me/ask")

        answer = phone.post("/me/ask", data={"kind": "access", "mobile": PHONE})

        assert answer.status_code == 403
        assert len(engine.requests.list_open()) == before


class TestARequestByPassCode:
    def test_an_access_request_ends_in_a_readable_copy(self, phone: httpx.Client, engine: Engine) -> None:
        answer = sent(phone, "/me/ask", kind="access", code=a_visit(engine))

        assert answer.url.path == "/me/request"
        assert "您的登记信息已备好" in answer.text
        assert "李女士" not in answer.text
        page = phone.get("/me/request/package").text
        assert "李女士" in page
        assert PHONE in page
        content = phone.get("/me/request/package.json")
        assert content.headers["content-disposition"] == 'attachment; filename="my-records.json"'
        assert "李女士" in content.json()["records"][0]["rows"][0]["value"]
        assert phone.get("/me/request/package.pdf").content.startswith(b"%PDF")
        assert "What we hold about you" in phone.get("/me/request/package?lang=en").text

    def test_a_deletion_ends_in_a_letter_and_a_certificate_that_holds(
        self, phone: httpx.Client, engine: Engine
    ) -> None:
        code = a_visit(engine)

        answer = sent(phone, "/me/ask", kind="deletion", code=code)

        assert "已删除您的登记记录" in answer.text
        letter = phone.get("/me/request/letter").text
        assert "个人信息删除告知" in letter
        assert "李女士" not in letter
        assert phone.get("/me/request/letter.pdf").content.startswith(b"%PDF")
        document = json.loads(phone.get("/me/request/certificates/1.json").text)
        facts = verify_certificate(
            document, engine.signer.verify, engine.signer.public_key, origin=engine.settings.origin
        )
        assert facts.category == "visitor"
        assert phone.get("/me/request/certificates/2.json").status_code == 404
        assert sent(phone, "/me/ask", kind="access", code=code).status_code == 422

    def test_what_is_not_there_leads_back_to_their_own_pages(self, phone: httpx.Client) -> None:
        assert 'href="/me">返回首页' in phone.get("/me/nosuch").text
        assert 'href="/">返回首页' in phone.get("/nosuch").text

    def test_a_withdrawal_of_consent_erases_at_once(self, phone: httpx.Client, engine: Engine) -> None:
        code = a_visit(engine)

        answer = sent(phone, "/me/ask", kind="withdrawal", code=code)

        assert "已撤回同意。已删除您的登记记录" in answer.text
        assert sent(phone, "/me/ask", kind="access", code=code).status_code == 422

    def test_the_cookie_is_out_of_reach_of_scripts_and_bound_to_the_portal(
        self, phone: httpx.Client, engine: Engine
    ) -> None:
        phone.get("/me/ask")
        sent_form = {"csrftoken": phone.cookies["csrftoken"], "kind": "access", "code": a_visit(engine)}
        answer = phone.post("/me/ask", data=sent_form, follow_redirects=False)

        cookie = next(one for one in answer.headers.get_list("set-cookie") if one.startswith("me_request="))
        assert "HttpOnly" in cookie
        assert "Path=/me" in cookie
        assert answer.headers["location"] == "/me/request"
        assert answer.headers["cache-control"] == "no-store"

    def test_number_and_query_code_open_it_on_another_phone(
        self, phone: httpx.Client, address: str, engine: Engine
    ) -> None:
        sent(phone, "/me/ask", kind="access", code=a_visit(engine))
        number, token = phone.cookies["me_request"].split(".")

        with httpx.Client(base_url=address, trust_env=False, follow_redirects=True) as other:
            assert "查询码" in other.get("/me/request").text
            assert sent(other, "/me/request/open", number=number, token="X" * 26).status_code == 422
            assert sent(other, "/me/request/open", number="\x00", token="张三").status_code == 400
            answer = sent(other, "/me/request/open", number=number.lower(), token=token.lower())
            assert "您的登记信息已备好" in answer.text
            sent(other, "/me/request/forget")
            assert other.get("/me/request/package").url.path == "/me/request"
            assert "您的登记信息已备好" not in other.get("/me/request").text

    def test_the_receipt_can_be_kept(self, phone: httpx.Client, engine: Engine) -> None:
        assert phone.get("/me/request/receipt.pdf").url.path == "/me/request"
        page = sent(phone, "/me/ask", kind="copy", code=a_visit(engine)).text

        assert "凭登记回执上的通行码核验" in page
        assert "不收费" in page
        assert phone.get("/me/request/receipt.pdf").content.startswith(b"%PDF")


class TestARequestByMobileNumber:
    def test_a_code_proves_it_and_the_answer_is_the_copy(self, phone: httpx.Client, engine: Engine) -> None:
        a_visit(engine, "19400000002")
        answer = sent(phone, "/me/ask", kind="access", mobile="194 0000 0002")
        assert "6 位验证码" in answer.text
        assert phone.get("/me/request/package").status_code == 410

        wrong = sent(phone, "/me/request/code", code="000000")
        ((destination, code),) = codes_sent(engine)
        right = sent(phone, "/me/request/code", code=code)

        assert wrong.status_code == 422
        assert "验证码不对或已失效" in wrong.text
        assert destination == "19400000002"
        assert "您的登记信息已备好" in right.text

    def test_a_known_and_an_unknown_number_see_the_same_pages(
        self, address: str, engine: Engine, clock: SteppingClock
    ) -> None:
        a_visit(engine, "19400000003")
        seen = []
        for number in ("19400000003", STRANGER):
            with httpx.Client(base_url=address, trust_env=False, follow_redirects=True) as client:
                pages = [sent(client, "/me/ask", kind="deletion", mobile=number)]
                pages.append(client.get("/me/request"))
                pages.append(sent(client, "/me/request/code", code="12"))
                pages.append(sent(client, "/me/request/new-code"))
                pages.append(sent(client, "/me/request/new-code"))
                pages.append(sent(client, "/me/request/new-code"))
                own = client.cookies["me_request"].removesuffix(".")
                token = re.compile(r'name="csrftoken" value="[^"]*"')
                seen.append([(one.status_code, token.sub("", one.text.replace(own, "#"))) for one in pages])

        assert seen[0] == seen[1]
        assert seen[0][-1][0] == 422  # three codes an hour
        assert {destination for destination, _ in codes_sent(engine)} == {"19400000003"}

    def test_a_spent_code_asks_for_a_new_one(self, phone: httpx.Client, engine: Engine) -> None:
        sent(phone, "/me/ask", kind="access", mobile="19400000004")

        answers = [sent(phone, "/me/request/code", code="000000") for _ in range(5)]

        assert "请重新获取" not in answers[3].text
        assert "请重新获取" in answers[4].text


class TestWaitingAndTakingBack:
    def test_what_waits_for_the_officer_can_be_taken_back(
        self, phone: httpx.Client, engine: Engine, clock: SteppingClock
    ) -> None:
        code = a_visit(engine)
        until = (clock.now() + timedelta(days=20)).date()
        hold = engine.holds.place(
            ground="R8", document="示例〔2026〕1号", law_ref="刑事诉讼法 54", until=until, by="staff-9"
        )
        try:
            answer = sent(phone, "/me/ask", kind="deletion", code=code)
            assert "接下来由我们办理" in answer.text
            assert "我们的目标" in answer.text
            assert phone.get("/me/request/letter").status_code == 404

            answer = sent(phone, "/me/request/withdraw")
            assert "您已撤回这份申请" in answer.text
            assert sent(phone, "/me/request/withdraw").status_code == 422
        finally:
            engine.holds.release(hold, "staff-9")

    def test_what_must_be_kept_is_said_with_law_and_day(
        self, phone: httpx.Client, engine: Engine, clock: SteppingClock
    ) -> None:
        code = a_visit(engine)
        until = (clock.now() + timedelta(days=20)).date()
        hold = engine.holds.place(
            ground="R8", document="示例〔2026〕3号", law_ref="刑事诉讼法 54", until=until, by="staff-9"
        )
        try:
            sent(phone, "/me/ask", kind="deletion", code=code)
            engine.requests.decide(phone.cookies["me_request"].split(".")[0], by="staff-9", accept=True)
            page, letter = phone.get("/me/request").text, phone.get("/me/request/letter").text
        finally:
            engine.holds.release(hold, "staff-9")

        assert "这些记录现在还不能删除" in page
        assert all("刑事诉讼法 54" in text and until.isoformat() in text for text in (page, letter))
        assert "下载证明" not in letter

    def test_a_refusal_is_read_with_its_reasons(
        self, phone: httpx.Client, engine: Engine, clock: SteppingClock
    ) -> None:
        from compliance.domain.request import Ground, Stated

        code = a_visit(engine)
        until = (clock.now() + timedelta(days=20)).date()
        hold = engine.holds.place(
            ground="R8", document="示例〔2026〕2号", law_ref="刑事诉讼法 54", until=until, by="staff-9"
        )
        try:
            sent(phone, "/me/ask", kind="deletion", code=code)
            number = phone.cookies["me_request"].split(".")[0]
            engine.requests.decide(
                number, by="staff-9", accept=False, reasons=[Stated(ground=Ground.OTHERS_INFORMATION)]
            )
            assert "理由写在决定里" in phone.get("/me/request").text
            letter = phone.get("/me/request/letter").text
            assert "不予办理" in letter
            assert "人民法院" in letter
        finally:
            engine.holds.release(hold, "staff-9")

    def test_a_copy_is_gone_after_seven_days(
        self, phone: httpx.Client, engine: Engine, clock: SteppingClock
    ) -> None:
        sent(phone, "/me/ask", kind="copy", code=a_visit(engine))
        assert phone.get("/me/request/package").status_code == 200
        clock.ahead += timedelta(days=8)
        try:
            answer = phone.get("/me/request/package")
        finally:
            clock.ahead -= timedelta(days=8)

        assert answer.status_code == 410
        assert "只保留七天" in answer.text

    @pytest.mark.parametrize("path", ["code", "new-code", "withdraw"])
    def test_without_a_request_every_step_leads_to_the_look_up(self, phone: httpx.Client, path: str) -> None:
        assert "查询码" in sent(phone, f"/me/request/{path}", code="1").text

    def test_a_request_that_is_not_there_is_forgotten(self, phone: httpx.Client) -> None:
        phone.cookies.set("me_request", "261123-00000000.", path="/me")

        answer = phone.get("/me/request")

        assert answer.status_code == 404
        assert "没有找到这份申请" in answer.text

    def test_only_built_rights_are_taken(self) -> None:
        from compliance.rights import right_for

        assert right_for(RequestKind.ACCESS) is not None
        assert right_for(RequestKind.TRANSFER) is None
