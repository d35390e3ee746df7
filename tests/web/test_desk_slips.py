"""Paper for a power cut: drawn from the policy, numbered, counted out and counted back in."""

from __future__ import annotations

import io
import re

import httpx
import pytest
from pypdf import PdfReader

from compliance.bootstrap import Engine
from compliance.domain.ledger import Act
from compliance.domain.vocabulary import Channel
from tests.web.conftest import SteppingClock


def printed(client: httpx.Client, category: str = "visitor", count: str = "3") -> str:
    """The number of a fresh batch."""
    client.get("/desk/slips")
    sent = {"csrftoken": client.cookies["csrftoken"], "category": category, "count": count}
    answer = client.post("/desk/slips", data=sent)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].partition("#")[2]


def count(client: httpx.Client, number: str, entered: str, spoiled: str, blank: str) -> httpx.Response:
    sent = {"csrftoken": client.cookies["csrftoken"], "entered": entered, "spoiled": spoiled, "blank": blank}
    return client.post(f"/desk/slips/{number}/count", data=sent)


def test_a_slip_is_for_one_person_and_carries_notice_number_and_end(guard: httpx.Client) -> None:
    number = printed(guard)

    page = guard.get(f"/desk/slips/{number}/print").text

    assert page.count('<section class="slip">') == 3
    assert [f"{number}-{at:03d} / 3" in page for at in (1, 2, 3)] == [True, True, True]
    assert page.count("【示例物业服务有限公司，电话0000-2000000】") == 3
    assert page.count("□ 同意登记　　□ 不同意登记") == 3
    assert "录入后立即销毁本单，最迟不超过填写后24小时" in page
    assert "不写，改为：由住户确认后放行，不登记姓名" in page
    assert "联系电话（可不填）" in page


def test_no_slip_of_any_category_has_a_place_for_a_document_number(
    guard: httpx.Client, engine: Engine
) -> None:
    pack = engine.active_pack()
    for category, policy in pack.categories.items():
        if Channel.DESK not in policy.channels:
            continue
        page = guard.get(f"/desk/slips/{printed(guard, category, '1')}/print").text
        labels = re.findall(r'<div class="(?:blank|boxes)">(?:<span>)?([^<（*：]+)', page)
        assert labels
        assert not [label for label in labels if "身份证" in label or "证件号" in label]
        assert not [name for name in pack.never if f">{name}<" in page]


def test_the_file_for_the_printer_says_the_same(guard: httpx.Client) -> None:
    number = printed(guard, count="5")

    answer = guard.get(f"/desk/slips/{number}/slips.pdf")

    assert answer.headers["content-type"] == "application/pdf"
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages]
    assert len(pages) <= 3
    text = re.sub(r"\s", "", "".join(pages))  # typst sets a thin space between Han and Latin
    assert [text.count(f"{number}-{at:03d}/5") for at in range(1, 6)] == [1] * 5
    assert text.count("最迟不超过填写后24小时") == 5


def test_what_comes_back_is_counted_once_and_sealed(guard: httpx.Client, engine: Engine) -> None:
    number = printed(guard, count="10")
    assert count(guard, number, "4", "1", "6").status_code == 422

    assert count(guard, number, "4", "1", "3").status_code == 303

    page = guard.get("/desk/slips").text
    assert "少 2 张，请立即告知个人信息保护负责人" in page
    assert count(guard, number, "4", "1", "5").status_code == 422
    assert guard.get(f"/desk/slips/{number}/print").status_code == 404
    with engine.books.reading() as books:
        entries = books.ledger.written_of((Act.SLIPS_PRINTED, Act.SLIPS_COUNTED), "2000-01-01")
    out, back = [entry for entry in entries if entry.fact("batch") == number]
    assert (out.act, out.count, out.fact("by")) == (Act.SLIPS_PRINTED, 10, "staff-7")
    assert [back.fact(name) for name in ("entered", "spoiled", "blank", "missing")] == [4, 1, 3, 2]


@pytest.mark.parametrize(
    ("category", "number"),
    [
        ("visitor", "0"),
        ("visitor", "101"),
        ("visitor", "-1"),
        ("visitor", "x"),
        ("resident_access", "5"),
        ("", "5"),
    ],
)
def test_what_no_desk_registers_and_absurd_counts_are_refused(
    guard: httpx.Client, engine: Engine, category: str, number: str
) -> None:
    guard.get("/desk/slips")
    before = engine.slips.batches()
    sent = {"csrftoken": guard.cookies["csrftoken"], "category": category, "count": number}

    assert guard.post("/desk/slips", data=sent).status_code == 422
    assert engine.slips.batches() == before


def test_a_batch_is_asked_about_until_it_is_counted(
    guard: httpx.Client, engine: Engine, clock: SteppingClock
) -> None:
    number = printed(guard)
    engine.sealing.seal()

    (batch,) = [one for one in engine.slips.batches() if one.number == number]

    assert batch.is_open
    assert batch.printed_by == "staff-7"
    assert f"/desk/slips/{number}/count" in guard.get("/desk/slips").text


def test_nobody_without_a_login_prints(anybody: httpx.Client) -> None:
    assert anybody.get("/desk/slips").headers["location"] == "/login"
