"""What a requester takes home: the copy of their records, the letter, and the certificates of deletion.

All of it needs the token in the cookie; none of it is kept by us longer than the case says.
"""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from compliance.bootstrap import Engine
from compliance.domain.errors import RequestRefused
from compliance.notices.renderer import Form
from compliance.web import portal_words as words
from compliance.web.portal_pages import (
    Language,
    Mine,
    attachment,
    body_of,
    language,
    letter,
    mine,
    onwards,
    show,
)
from compliance.web.session import engine_of

router = APIRouter()
Wired = Annotated[Engine, Depends(engine_of)]
_SHEETS = ("letter_deletion", "refusal")


@router.get("/request/package")
def package(request: Request, engine: Wired) -> Response:
    return _package(request, engine, "html")


@router.get("/request/package.pdf")
def package_pdf(request: Request, engine: Wired) -> Response:
    return _package(request, engine, "pdf")


@router.get("/request/package.json")
def package_json(request: Request, engine: Wired) -> Response:
    return _package(request, engine, "json")


@router.get("/request/receipt.pdf")
def receipt_pdf(request: Request, engine: Wired) -> Response:
    held = mine(request)
    if held is None:
        return onwards("/me/request")
    try:
        slots = engine.requests.receipt(held.number, language(request))
    except RequestRefused:
        return show(request, "sorry", status=404, error=words.NOT_FOUND)
    return attachment(letter(request, "receipt", slots, "pdf"), "application/pdf", "receipt.pdf")


@router.get("/request/letter")
def letter_page(request: Request, engine: Wired) -> Response:
    return _letter(request, engine, "html")


@router.get("/request/letter.pdf")
def letter_pdf(request: Request, engine: Wired) -> Response:
    return _letter(request, engine, "pdf")


@router.get("/request/certificates/{place}.json")
def certificate(request: Request, engine: Wired, place: int) -> Response:
    held = mine(request)
    documents = _certificates(engine, _slots(engine, held, "zh")) if held else []
    if not 1 <= place <= len(documents):
        return show(request, "sorry", status=404, error=words.NOT_YET)
    text = json.dumps(documents[place - 1], ensure_ascii=False, indent=1).encode()
    return attachment(text, "application/json", f"certificate-{place}.json")


def _package(request: Request, engine: Engine, form: str) -> Response:
    held = mine(request)
    if held is None:
        return onwards("/me/request")
    lang = language(request)
    try:
        content = engine.requests.package(*held)
        slots = engine.requests.letter(*held, lang)
    except RequestRefused:
        return show(request, "sorry", status=410, error=words.NO_PACKAGE)
    if form == "json":
        text = json.dumps(content, ensure_ascii=False, indent=1).encode()
        return attachment(text, "application/json", "my-records.json")
    if form == "pdf":
        drawn = letter(request, "letter_access", slots | _as_slots(content, lang), "pdf")
        return attachment(drawn, "application/pdf", "my-records.pdf")
    return show(request, "package", content=content, until=slots.get("package_until", ""))


def _letter(request: Request, engine: Engine, form: Form) -> Response:
    held = mine(request)
    if held is None:
        return onwards("/me/request")
    slots = _slots(engine, held, language(request))
    if not slots:
        return show(request, "sorry", status=404, error=words.NOT_YET)
    certificates = len(_certificates(engine, slots))
    # The template's `records` are an access letter's; a deletion letter never repeats what was deleted.
    printed = {name: value for name, value in slots.items() if name != "records"}
    drawn = letter(request, slots["moment"], printed, form)
    if form == "pdf":
        return attachment(drawn, "application/pdf", "letter.pdf")
    return show(request, "letter", text=body_of(drawn), certificates=certificates)


def _slots(engine: Engine, held: Mine, lang: Language) -> dict[str, Any]:
    """The letter's slots; empty where there is none, or none that has a sheet of its own."""
    try:
        slots = engine.requests.letter(*held, lang)
    except RequestRefused:
        return {}
    return slots if slots.get("moment") in _SHEETS else {}


def _certificates(engine: Engine, slots: dict[str, Any]) -> list[dict[str, Any]]:
    return engine.certificates.of_acts(slots.get("acts", ()))


def _as_slots(content: dict[str, Any], lang: Language) -> dict[str, Any]:
    """The package as the letter's slots: labels in the letter's language, values as they stand."""
    comma = "、" if lang == "zh" else ", "
    records = [
        {
            "title": record["title"] if lang == "zh" else record["category"]["en"] or record["title"],
            "erase_on": record["erase_on"],
            "source": "",
            "rows": [
                {
                    "label": row["label"] if lang == "zh" else row["label_en"] or row["label"],
                    "value": row["value"],
                }
                for row in record["rows"]
            ],
        }
        for record in content["records"]
    ]
    return {
        "records": records,
        "none_found": not records,
        "purposes": comma.join(content["purposes"]),
        "withheld": content["withheld"],
    }
