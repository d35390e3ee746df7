"""What an authority asks for, on the officer's pages: asked, signed by another, fetched once, refused, printed."""

from __future__ import annotations

import hashlib
import io
import zipfile
from typing import Any

import httpx
import pytest

from compliance.bootstrap import Engine
from tests.builders import SHANGHAI
from tests.web.conftest import SteppingClock
from tests.web.officer_house import a_visit, sent


@pytest.fixture
def request_form(engine: Engine, clock: SteppingClock) -> dict[str, Any]:
    a_visit(engine)
    day = clock.now().astimezone(SHANGHAI).date().isoformat()
    return {
        "category": "visitor",
        "authority": "police",
        "unit": "示例分局",
        "document": "示公调〔2026〕2号",
        "officers": "012345、023456",
        "ground": "PIPL 34",
        "field": ["visitor_name", "entry_time"],
        "first": day,
        "last": day,
    }


def asked(officer: httpx.Client, form: dict[str, Any]) -> str:
    """The address of the page of a request that was put."""
    answer = sent(officer, "/officer/disclosures/new", act="ask", **form)
    assert answer.status_code == 200
    assert "请另一位负责人核对文书后签字" in answer.text
    return answer.url.path


def test_a_preview_counts_and_a_request_waits_for_another(
    officer: httpx.Client, request_form: dict[str, Any]
) -> None:
    counted = sent(officer, "/officer/disclosures/new", act="preview", **request_form)
    assert "条记录（只数，不看）" in counted.text
    assert "李女士" not in counted.text

    path = asked(officer, request_form)

    assert "核对无误，签字" not in officer.get(path).text
    assert sent(officer, f"{path}/sign").status_code == 409
    assert sent(officer, f"{path}/give").status_code == 409


def test_two_sign_and_one_of_them_fetches_it_once(
    officer: httpx.Client, director: httpx.Client, request_form: dict[str, Any]
) -> None:
    path = asked(officer, request_form)
    assert "核对无误，签字" in director.get(path).text
    assert "已签字" in sent(director, f"{path}/sign").text

    package = sent(officer, f"{path}/give")

    assert package.headers["content-type"] == "application/zip"
    assert package.headers["cache-control"] == "no-store"
    assert package.headers["x-sha256"] == hashlib.sha256(package.content).hexdigest()
    with zipfile.ZipFile(io.BytesIO(package.content)) as archive:
        assert "李女士" in archive.read("disclosure.html").decode()
    again = sent(officer, f"{path}/give")
    assert again.status_code == 409
    assert "只提供一次" in again.text
    assert package.headers["x-sha256"] in officer.get(path).text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"field": []}, "不接受“全部”"),
        ({"last": ""}, "没有头尾的范围"),
        ({"authority": "private"}, "须本人单独同意"),
        ({"authority": "foreign", "ground": "PIPL 41"}, "未经主管机关批准"),
        ({"abroad": "1"}, "默认不向境外提供"),
        ({"officers": "张警官"}, "警号或工作证号"),
        ({"document": "19400000001"}, "不写姓名"),
        ({"category": "nobody"}, "整个登记簿"),
        ({"first": "tomorrow"}, "日期请写成"),
        ({"authority": "everybody"}, "从列表选"),
    ],
)
def test_what_cannot_be_given_is_said_in_one_sentence(
    officer: httpx.Client, engine: Engine, request_form: dict[str, Any], changes: dict[str, Any], said: str
) -> None:
    before = len(engine.disclosures.register())

    answer = sent(officer, "/officer/disclosures/new", act="ask", **{**request_form, **changes})

    assert answer.status_code == 422
    assert said in answer.text
    assert len(engine.disclosures.register()) == before


def test_a_request_is_refused_and_one_at_the_door_is_registered(
    officer: httpx.Client, request_form: dict[str, Any]
) -> None:
    path = asked(officer, request_form)
    assert "已拒绝" in sent(officer, f"{path}/refuse", ground="too_broad").text
    assert sent(officer, f"{path}/refuse", ground="too_broad").status_code == 409
    assert sent(officer, f"{path}/refuse", ground="no reason").status_code == 404

    door = {"authority": "private", "unit": "某某调查公司", "document": "", "ground": "private"}
    page = sent(officer, "/officer/disclosures/decline", **door).text

    assert "某某调查公司" in page


def test_the_register_is_printed_and_has_nobody_in_it(
    officer: httpx.Client, director: httpx.Client, request_form: dict[str, Any]
) -> None:
    path = asked(officer, request_form)
    sent(director, f"{path}/sign")
    assert "李女士".encode() not in sent(officer, f"{path}/give").content  # compressed
    for address in ("/officer/disclosures", "/officer/disclosures/register.html"):
        page = officer.get(address)
        assert page.status_code == 200
        assert "示公调〔2026〕2号" in page.text
        assert "李女士" not in page.text
    lines = officer.get("/officer/disclosures/register.json").json()
    assert "示公调〔2026〕2号" in {line["document"] for line in lines}
    assert officer.get("/officer/disclosures/register.xml").status_code == 404


@pytest.mark.parametrize("path", ["", "/new", "/register.html", "/ABC"])
def test_a_guard_and_a_stranger_are_turned_away(
    guard: httpx.Client, anybody: httpx.Client, path: str
) -> None:
    assert guard.get(f"/officer/disclosures{path}").status_code == 403
    assert anybody.get(f"/officer/disclosures{path}").status_code == 303


@pytest.mark.parametrize("number", ["nobody", "0" * 64])
def test_a_number_that_is_none_is_not_found(officer: httpx.Client, number: str) -> None:
    assert officer.get(f"/officer/disclosures/{number}").status_code == 404
    assert sent(officer, f"/officer/disclosures/{number}/give").status_code == 404
