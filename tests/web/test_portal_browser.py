"""A subject with a phone: from the slip's QR code to the copy, the letter, and a proof checked without us."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

import pytest
from playwright.sync_api import Page

from compliance.bootstrap import Engine
from tests.web.conftest import a_submission

PHONE, NAME = "19400000005", "李女士"


@dataclass
class Watched:
    """A phone, and everything that it asked for or complained about."""

    page: Page
    addresses: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def fits(self) -> bool:
        wide: int = self.page.evaluate("document.documentElement.scrollWidth")
        return wide <= 390


@pytest.fixture
def phone(page: Page) -> Iterator[Watched]:
    watched = Watched(page)
    page.on("request", lambda request: watched.addresses.append(unquote(request.url)))
    page.on("console", lambda said: watched.complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: watched.complaints.append(str(error)))
    yield watched
    assert watched.complaints == []


def a_visit(engine: Engine) -> str:
    fields = {**a_submission()["fields"], "visitor_name": NAME, "visitor_phone": PHONE}
    return engine.gate.write({**a_submission(fields=fields), "category": "visitor"}).pass_code


def ask(phone: Watched, address: str, code: str, kind: str) -> None:
    """As from the QR code on the slip."""
    phone.page.goto(f"{address}/me#pass={code}")
    phone.page.wait_for_url("**/me/ask")
    assert phone.page.locator("#code").input_value() == code
    assert phone.page.locator("input:checked").count() == 0
    assert phone.fits()
    phone.page.check(f"input[value={kind}]")
    phone.page.click("text=提交申请")
    phone.page.wait_for_url("**/me/request")


def test_a_subject_reads_the_copy_then_has_it_deleted_and_checks_the_proof(
    phone: Watched, address: str, engine: Engine, tmp_path: Path
) -> None:
    code, page = a_visit(engine), phone.page

    ask(phone, address, code, "access")
    assert phone.fits()
    page.click("a:text-is('查看')")
    page.wait_for_url("**/package")
    assert page.locator("td b", has_text=NAME).is_visible()
    assert page.locator("td b", has_text=PHONE).is_visible()
    assert phone.fits()

    ask(phone, address, code, "deletion")
    page.click("text=看删除告知和证明")
    page.wait_for_url("**/letter")
    assert phone.fits()
    assert NAME not in page.content()
    with page.expect_download() as arriving:
        page.click("text=下载证明")
    certificate = tmp_path / "certificate.json"
    arriving.value.save_as(certificate)
    token = next(one["value"] for one in page.context.cookies() if one["name"] == "me_request").split(".")[1]

    page.goto(f"{address}/me/verify")
    page.set_input_files("#file", certificate)
    page.wait_for_selector("#verdict.fine")
    assert "核验通过" in page.inner_text("#verdict")
    assert phone.fits()
    secrets = {code, code.replace("-", ""), NAME, PHONE, token}
    # What stands behind a "#" stays in the browser.
    sent = [one.partition("#")[0] for one in phone.addresses]
    assert len(sent) > 10
    assert not [one for one in sent if any(secret in one for secret in secrets)]


@pytest.mark.parametrize(
    "alter",
    [
        lambda document: document["tombstone"].update(day="2020-01-01"),
        lambda document: document["member"].update(holding="2611-aaaaaaaaaaaaaaaaaaaa"),
        lambda document: document["entry"].update(index=document["entry"]["index"] + 1),
        lambda document: document.update(head=document["head"].replace("time 2", "time 3")),
    ],
    ids=["day", "holding", "index", "head"],
)
def test_an_altered_proof_does_not_hold(
    phone: Watched, address: str, engine: Engine, tmp_path: Path, alter: object
) -> None:
    document = a_certificate(engine)
    assert callable(alter)
    alter(document)
    certificate = tmp_path / "certificate.json"
    certificate.write_text(json.dumps(document), encoding="utf-8")

    phone.page.goto(f"{address}/me/verify")
    phone.page.set_input_files("#file", certificate)

    phone.page.wait_for_selector("#verdict.error")
    assert "核验没有通过" in phone.page.inner_text("#verdict")


def test_a_saved_page_checks_a_proof_without_any_server(
    phone: Watched, address: str, engine: Engine, tmp_path: Path
) -> None:
    saved, certificate = tmp_path / "verify.html", tmp_path / "certificate.json"
    certificate.write_text(json.dumps(a_certificate(engine)), encoding="utf-8")
    phone.page.goto(f"{address}/me/verify")
    with phone.page.expect_download() as arriving:
        phone.page.click("text=保存离线核验页")
    arriving.value.save_as(saved)
    phone.addresses.clear()

    phone.page.goto(saved.as_uri())
    phone.page.set_input_files("#file", certificate)

    phone.page.wait_for_selector("#verdict.fine")
    assert all(one.startswith("file:") for one in phone.addresses)


def test_the_notice_fits_a_phone(phone: Watched, address: str) -> None:
    phone.page.goto(f"{address}/me?category=visitor")
    assert phone.fits()
    phone.page.click("text=看完整规则")
    phone.page.wait_for_url("**/notices/visitor")

    assert phone.fits()
    assert phone.page.locator("button.print").is_visible()


def test_refusing_is_as_easy_as_agreeing(phone: Watched, address: str) -> None:
    phone.page.goto(f"{address}/me/ask")

    yes, no = (phone.page.locator(f".pair > * >> nth={at}").bounding_box() for at in (0, 1))

    assert yes
    assert no
    assert (round(yes["width"]), round(yes["height"])) == (round(no["width"]), round(no["height"]))


def a_certificate(engine: Engine) -> dict[str, object]:
    from compliance.domain.request import RequestKind

    receipt = engine.requests.open(RequestKind.DELETION, pass_code=a_visit(engine))
    engine.requests.fulfil(receipt.number)
    letter = engine.requests.letter(receipt.number, receipt.access_token or "")
    document: dict[str, object] = engine.certificates.of_acts(letter["acts"])[0]
    return document
