"""Writing a policy on pages: drafts, the lint beside each field, the sheet, the plan, the assessment, two signatures."""

from __future__ import annotations

import io
import re
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import openpyxl
import pytest
from fastapi import FastAPI

from compliance.bootstrap import DEMO, Engine, bootstrap
from compliance.config import Settings
from compliance.domain.vocabulary import Role
from compliance.policies.loader import load, read_files, shipped
from compliance.web.app import create_app
from compliance.web.rates import Rates
from tests.builders import JUDGED, assessed
from tests.web.conftest import PASSWORD, SteppingClock, logged_in, served
from tests.web.officer_house import sent

FILES = read_files(shipped("residential"))


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home where assessments bind, with the shipped pack in force; copied for each test."""
    home = tmp_path_factory.mktemp("published")
    with bootstrap(Settings(home=home), kind=DEMO, clock=SteppingClock()) as engine:
        pack = load(shipped("residential"))
        assessed(engine, pack)
        engine.publishing.publish(pack, FILES, "staff-1")
        engine.access.add_staff("staff-7", Role.GUARD, PASSWORD)
        engine.access.add_staff("staff-9", Role.OFFICER, PASSWORD)
        engine.access.add_staff("staff-1", Role.DIRECTOR, PASSWORD)
    return home


@pytest.fixture
def engine(published: Path, tmp_path: Path) -> Iterator[Engine]:
    shutil.copytree(published, tmp_path / "home")
    with bootstrap(Settings(home=tmp_path / "home"), kind=DEMO, clock=SteppingClock()) as engine:
        yield engine


@pytest.fixture
def app(engine: Engine) -> FastAPI:
    return create_app(engine, rates=Rates(login="10000/minute", ask="10000/minute"))


@pytest.fixture
def address(app: FastAPI) -> Iterator[str]:
    with served(app) as address:
        yield address


@pytest.fixture
def draft(officer: httpx.Client, engine: Engine) -> str:
    """The address of a fresh draft of the policies in force."""
    officer.get("/officer/policies")
    officer.post(
        "/officer/policies/drafts", data={"csrftoken": officer.cookies["csrftoken"]}, follow_redirects=False
    )
    return f"/officer/policies/drafts/{engine.drafting.every()[0].id}"


def text_of(engine: Engine, draft: str, name: str = "visitor.yaml") -> str:
    return engine.drafting.show(draft.rpartition("/")[2]).files[name]


def sheet_of(officer: httpx.Client, draft: str) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(officer.get(f"{draft}/sheet.xlsx").content))


def hand_in(officer: httpx.Client, draft: str, content: bytes) -> httpx.Response:
    fields = {"csrftoken": officer.cookies["csrftoken"]}
    return officer.post(f"{draft}/sheet", data=fields, files={"sheet": ("a.xlsx", content)})


class TestADraft:
    def test_it_begins_as_what_is_in_force_and_changes_nothing(
        self, officer: httpx.Client, engine: Engine, draft: str
    ) -> None:
        assert engine.drafting.show(draft.rpartition("/")[2]).files == FILES
        assert "没有问题" in officer.get(draft).text
        assert engine.active_pack().version == 1

    def test_a_guard_and_a_stranger_see_none_of_it(
        self, address: str, anybody: httpx.Client, draft: str
    ) -> None:
        with logged_in(address, "staff-7") as guard:
            for path in (draft, f"{draft}/visitor.yaml", f"{draft}/plan", f"{draft}/sheet.xlsx"):
                assert guard.get(path).status_code == 403
                assert anybody.get(path).headers["location"] == "/login"
            assert sent(guard, f"{draft}/publish").status_code == 403

    @pytest.mark.parametrize(
        "path", ["", "/visitor.yaml", "/visitor.yaml/text", "/site.yaml", "/plan", "/assessment"]
    )
    def test_every_page_opens(self, officer: httpx.Client, draft: str, path: str) -> None:
        assert officer.get(draft + path).status_code == 200

    def test_what_is_not_there_is_not_found(self, officer: httpx.Client, draft: str) -> None:
        assert officer.get(f"{draft}/nothing.yaml").status_code == 404
        assert officer.get("/officer/policies/drafts/NOTHING").status_code == 409

    def test_it_can_be_deleted(self, officer: httpx.Client, engine: Engine, draft: str) -> None:
        sent(officer, f"{draft}/drop")

        assert engine.drafting.every() == []


class TestTheForm:
    def test_a_value_changes_alone_and_every_comment_stays(
        self, officer: httpx.Client, engine: Engine, draft: str
    ) -> None:
        sent(officer, f"{draft}/visitor.yaml/save", field="", keep="20d")

        assert text_of(engine, draft) == FILES["visitor.yaml"].replace("keep: 30d ", "keep: 20d ", 1)

    def test_saving_what_is_shown_changes_not_a_byte(
        self, officer: httpx.Client, engine: Engine, draft: str
    ) -> None:
        page = officer.get(f"{draft}/visitor.yaml").text
        form = page.partition('value="host_room">')[2].partition("</form>")[0]
        shown = dict(re.findall(r'<input name="([a-z_.]+)" value="([^"]*)"', form))
        shown |= dict(re.findall(r'<textarea name="([a-z_.]+)" rows="2">([^<]*)</textarea>', form))
        chosen = re.findall(r'<select name="(\w+)">.*?<option value="([^"]*)" selected', form, re.DOTALL)
        ticks = re.findall(r'name="reader" value="([^"]+)" checked', form)

        fields: dict[str, str | list[str]] = {**shown, **dict(chosen), "reader": ticks}
        sent(officer, f"{draft}/visitor.yaml/save", field="host_room", readers="1", required="true", **fields)
        assert {"label.zh", "necessity", "alternative", "type"} <= set(fields)
        assert text_of(engine, draft) == FILES["visitor.yaml"]

    def test_the_lint_speaks_of_the_field_as_it_is_typed_and_keeps_nothing(
        self, officer: httpx.Client, engine: Engine, draft: str
    ) -> None:
        said = sent(officer, f"{draft}/visitor.yaml/check", field="visitor_phone", necessity="有用").text

        assert "L-013" in said
        assert "本系统规则，非法律要求" in said
        assert "怎么改" in said
        assert text_of(engine, draft) == FILES["visitor.yaml"]

    def test_a_field_that_is_fine_is_said_to_be(self, officer: httpx.Client, draft: str) -> None:
        assert "没有问题" in sent(officer, f"{draft}/visitor.yaml/check", field="visitor_phone").text

    def test_what_concerns_the_whole_category_is_said_at_its_head(
        self, officer: httpx.Client, draft: str
    ) -> None:
        said = sent(officer, f"{draft}/visitor.yaml/check", field="", keep="permanent").text

        assert "永久" in said
        assert "PIPL 19" in said

    def test_an_identity_number_is_refused_with_its_article(
        self, officer: httpx.Client, engine: Engine, draft: str
    ) -> None:
        page = sent(
            officer,
            f"{draft}/visitor.yaml/add",
            name="id_number",
            label="身份证号",
            type="text",
            purpose="entry_security",
        )
        beside = page.text.partition('id="found-id_number"')[2].partition("</form>")[0]

        assert "身份证号" in beside
        assert "PIPL 6(2)" in beside
        assert "怎么改" in beside
        sent(officer, f"{draft}/visitor.yaml/remove", field="id_number")
        assert text_of(engine, draft) == FILES["visitor.yaml"]

    @pytest.mark.parametrize("name", ["visitor_name", "Name", "a b", "", "访客"])
    def test_a_name_that_is_none_or_stands_already_is_not_added(
        self, officer: httpx.Client, engine: Engine, draft: str, name: str
    ) -> None:
        fields = {"name": name, "label": "x", "type": "text", "purpose": "entry_security"}
        assert sent(officer, f"{draft}/visitor.yaml/add", **fields).status_code == 422
        assert text_of(engine, draft) == FILES["visitor.yaml"]

    def test_what_is_typed_is_text(self, officer: httpx.Client, draft: str) -> None:
        sent(
            officer,
            f"{draft}/visitor.yaml/save",
            field="visitor_phone",
            **{"label.zh": "<script>alert(1)</script>"},
        )

        page = officer.get(f"{draft}/visitor.yaml").text
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert" in page


class TestTheText:
    def test_it_is_saved_as_it_is_written_and_a_fault_has_its_line(
        self, officer: httpx.Client, engine: Engine, draft: str
    ) -> None:
        broken = FILES["visitor.yaml"].replace("type: mobile", "type: mobil", 1)
        line = broken[: broken.index("type: mobil")].count("\n") + 1
        page = sent(officer, f"{draft}/visitor.yaml/text", text=broken)

        assert text_of(engine, draft) == broken
        assert f"第 {line} 行" in page.text
        assert "还有错误" in officer.get(f"{draft}/plan").text

    def test_what_is_no_yaml_is_shown_as_text_where_the_form_would_be(
        self, officer: httpx.Client, draft: str
    ) -> None:
        sent(officer, f"{draft}/visitor.yaml/text", text="a: [1\nb: *x")

        assert "<textarea" in officer.get(f"{draft}/visitor.yaml").text
        assert sent(officer, f"{draft}/visitor.yaml/save", field="", keep="1d").status_code == 400

    def test_a_bomb_of_aliases_comes_to_nothing(self, officer: httpx.Client, draft: str) -> None:
        bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
            f"{chr(98 + n)}: &{chr(98 + n)} [{','.join([f'*{chr(97 + n)}'] * 9)}]\n" for n in range(9)
        )
        assert sent(officer, f"{draft}/visitor.yaml/text", text=bomb).status_code == 200


class TestTheSheet:
    def test_unchanged_it_changes_not_a_byte(self, officer: httpx.Client, engine: Engine, draft: str) -> None:
        answer = hand_in(officer, draft, officer.get(f"{draft}/sheet.xlsx").content)

        assert "表格已读入草稿" in answer.text
        assert engine.drafting.show(draft.rpartition("/")[2]).files == FILES

    def test_a_cell_changed_by_another_program_changes_its_field(
        self, officer: httpx.Client, engine: Engine, draft: str
    ) -> None:
        book = sheet_of(officer, draft)
        rows = book.active
        heads = [cell.value for cell in rows[1]]
        row = next(
            row
            for row in rows.iter_rows(min_row=2)
            if (row[0].value, row[1].value) == ("visitor", "visitor_phone")
        )
        row[heads.index("necessity")].value = "发生纠纷时联系来访者，仅此一用"
        out = io.BytesIO()
        book.save(out)

        assert "表格已读入草稿" in hand_in(officer, draft, out.getvalue()).text
        was = "发生紧急情况或纠纷时联系来访者；也供本人凭手机号查询"
        assert text_of(engine, draft) == FILES["visitor.yaml"].replace(was, "发生纠纷时联系来访者，仅此一用")

    @pytest.mark.parametrize("kind", ["nothing", "text", "zip", "entities", "bomb"])
    def test_what_is_no_sheet_of_ours_is_refused(
        self, officer: httpx.Client, engine: Engine, draft: str, kind: str
    ) -> None:
        answer = hand_in(officer, draft, _hostile(kind))

        assert answer.status_code == 422
        assert "表格读不懂" in answer.text
        assert engine.drafting.show(draft.rpartition("/")[2]).files == FILES

    def test_a_form_of_somebody_else_is_refused(
        self, officer: httpx.Client, engine: Engine, draft: str
    ) -> None:
        content = officer.get(f"{draft}/sheet.xlsx").content
        for fields in ({}, {"csrftoken": "forged"}):
            answer = officer.post(f"{draft}/sheet", data=fields, files={"sheet": ("a.xlsx", content)})
            assert answer.status_code == 403

    def test_a_formula_stays_text(self, officer: httpx.Client, draft: str) -> None:
        sent(
            officer,
            f"{draft}/visitor.yaml/save",
            field="visitor_phone",
            necessity="=HYPERLINK(1) 足够长的必要性说明",
        )

        cells = [cell for row in sheet_of(officer, draft).active.iter_rows() for cell in row]
        assert [cell.data_type for cell in cells if str(cell.value).startswith("=HYPERLINK")] == ["s"]


def _hostile(kind: str) -> bytes:
    if kind in ("nothing", "text"):
        return b"" if kind == "nothing" else b"name,label\n"
    entities = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><worksheet>&b;</worksheet>'
    body = {"zip": b"<worksheet/>", "entities": entities, "bomb": b"<worksheet>" + b" " * 9_000_000}[kind]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", body)
    return out.getvalue()


class TestPublishing:
    def test_a_draft_without_a_change_is_not_offered_for_signature_nor_said_to_be_published(
        self, officer: httpx.Client, engine: Engine, draft: str
    ) -> None:
        before = engine.active_pack().version

        shown = officer.get(f"{draft}/plan").text
        said = sent(officer, f"{draft}/publish").text

        assert "与现行规则相同，不用发布" in shown
        assert "签字并发布" not in shown
        assert "与现行规则相同，没有发布" in said
        assert "已发布" not in said
        assert engine.active_pack().version == before

    def test_what_narrows_is_published_by_one(
        self, officer: httpx.Client, engine: Engine, draft: str
    ) -> None:
        sent(officer, f"{draft}/visitor.yaml/save", field="", keep="20d")
        plan = officer.get(f"{draft}/plan").text
        assert "收窄" in plan
        assert "您一人即可发布" in plan

        page = sent(officer, f"{draft}/publish")
        assert "已发布" in page.text
        assert engine.drafting.versions()[0].published_by == "staff-9"
        changed = officer.get("/officer/policies/history/1/2").text
        assert "收窄" in changed
        assert "第 1 版 → 第 2 版" in changed
        assert "与第 1 版比" in officer.get("/officer/policies/history").text

    def test_what_widens_waits_for_a_second_person(
        self, officer: httpx.Client, address: str, engine: Engine, draft: str
    ) -> None:
        sent(officer, f"{draft}/visitor.yaml/save", field="", keep="31d")
        assert "有放宽" in officer.get(f"{draft}/plan").text
        sent(officer, f"{draft}/publish")
        again = sent(officer, f"{draft}/sign")

        assert again.status_code == 422
        assert len(engine.drafting.versions()) == 1
        with logged_in(address, "staff-1") as director:
            director.follow_redirects = True
            assert "以 staff-1 确认并发布" in director.get(f"{draft}/plan").text
            sent(director, f"{draft}/sign")
        assert (len(engine.drafting.versions()), engine.drafting.versions()[0].published_by) == (2, "staff-9")

    def test_a_signature_is_for_the_words_that_were_signed(
        self, officer: httpx.Client, address: str, engine: Engine, draft: str
    ) -> None:
        sent(officer, f"{draft}/visitor.yaml/save", field="", keep="31d")
        sent(officer, f"{draft}/publish")
        sent(officer, f"{draft}/visitor.yaml/save", field="", keep="60d")

        with logged_in(address, "staff-1") as director:
            assert sent(director, f"{draft}/sign").status_code == 422
        assert len(engine.drafting.versions()) == 1

    def test_what_is_sensitive_is_assessed_first(
        self, officer: httpx.Client, engine: Engine, draft: str
    ) -> None:
        sent(officer, f"{draft}/vehicle.yaml/save", field="", keep="20d")
        assert "去评估" in officer.get(f"{draft}/plan").text
        refused = sent(officer, f"{draft}/publish")
        assert "影响评估" in refused.text
        assert len(engine.drafting.versions()) == 1

        half = sent(officer, f"{draft}/assessment", approve="1", effect=JUDGED["effect"])
        assert half.status_code == 422
        assert "已批准" in sent(officer, f"{draft}/assessment", approve="1", **JUDGED).text
        one = engine.assessments.every()[0]
        assert "车牌号码" in officer.get(f"/officer/policies/assessments/{one.id}.html").text
        assert officer.get(f"/officer/policies/assessments/{one.id}.pdf").content.startswith(b"%PDF")
        assert "已发布" in sent(officer, f"{draft}/publish").text
        assert len(engine.drafting.versions()) == 2


class TestTheLink:
    @pytest.fixture
    def link(self, officer: httpx.Client, address: str, draft: str) -> str:
        sent(officer, f"{draft}/visitor.yaml/save", field="", keep="31d")
        sent(officer, f"{draft}/publish")
        page = officer.get(f"{draft}/plan?second=director-1").text
        found = re.search(r"readonly>(\S+)</textarea>", page)
        assert found
        return found[1].removeprefix(address)

    def test_whoever_it_was_sent_to_signs_without_a_login_and_once(
        self, anybody: httpx.Client, engine: Engine, link: str
    ) -> None:
        page = anybody.get(link)
        assert "31天" in page.text
        assert "放宽" in page.text
        assert "已发布为第 2 版" in sent(anybody, link).text

        assert sent(anybody, link).status_code == 404
        assert anybody.get(link).status_code == 404
        assert len(engine.drafting.versions()) == 2

    def test_the_first_signer_cannot_use_it(self, officer: httpx.Client, engine: Engine, link: str) -> None:
        assert sent(officer, link).status_code == 422
        assert len(engine.drafting.versions()) == 1

    def test_it_is_for_two_days_and_these_words(
        self, officer: httpx.Client, anybody: httpx.Client, draft: str, link: str
    ) -> None:
        assert anybody.get(link).status_code == 200
        assert anybody.get(link[:-2] + "xx").status_code == 404
        sent(officer, f"{draft}/visitor.yaml/save", field="", keep="60d")
        assert anybody.get(link).status_code == 404

    @pytest.mark.parametrize("second", ["staff-9", "staff-7", "Wang Wei"])
    def test_nobody_gets_one_who_may_not_sign(
        self, officer: httpx.Client, draft: str, link: str, second: str
    ) -> None:
        page = officer.get(f"{draft}/plan", params={"second": second}).text

        assert "不能作第二签字人" in page
        assert "/sign/" not in page


@pytest.mark.parametrize("token", ["x", "a.b.c", "IlE4Nm16cjlW.aaa.bbb"])
def test_an_upload_with_a_cookie_that_nobody_signed_is_refused(draft: str, address: str, token: str) -> None:
    with httpx.Client(base_url=address, cookies={"csrftoken": token}) as stranger:
        answer = stranger.post(
            f"{draft}/sheet", files={"sheet": ("a.xlsx", b"PK\x03\x04")}, data={"csrftoken": token}
        )

    assert 400 <= answer.status_code < 500
