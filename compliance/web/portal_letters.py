"""What a requester takes home: the copy of their records, the letter, and the certificates of deletion.

All of it needs the token in the cookie; none of it is kept by us longer than the case says.
"""

from __future__ import annotations

import json
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from compliance.domain.errors import RequestRefused
from compliance.notices.renderer import Form
from compliance.web import portal_words as words
from compliance.web.portal_pages import Language, Mine, Pages, attachment, body_of, language, mine, onwards

_ACCESS = "letter_access"
_HERE = "/me/request"


def router(pages: Pages) -> APIRouter:
    routes = APIRouter()
    letters = Letters(pages)

    @routes.get("/request/package")
    def package(request: Request) -> Response:
        return letters.package(request, "html")

    @routes.get("/request/package.pdf")
    def package_pdf(request: Request) -> Response:
        return letters.package(request, "pdf")

    @routes.get("/request/package.json")
    def package_json(request: Request) -> Response:
        return letters.package(request, "json")

    @routes.get("/request/letter")
    def letter(request: Request) -> Response:
        return letters.letter(request, "html")

    @routes.get("/request/letter.pdf")
    def letter_pdf(request: Request) -> Response:
        return letters.letter(request, "pdf")

    @routes.get("/request/certificates/{place}.json")
    def certificate(request: Request, place: int) -> Response:
        return letters.certificate(request, place)

    return routes


class Letters:
    def __init__(self, pages: Pages) -> None:
        self._pages, self._engine = pages, pages.engine

    def package(self, request: Request, form: str) -> Response:
        held = mine(request)
        if held is None:
            return onwards(_HERE)
        lang = language(request)
        try:
            content = self._engine.requests.package(*held)
            slots = self._engine.requests.letter(*held, lang)
        except RequestRefused:
            return self._pages.show(request, "sorry", status=410, error=words.NO_PACKAGE)
        if form == "json":
            text = json.dumps(content, ensure_ascii=False, indent=1).encode()
            return attachment(text, "application/json", "my-records.json")
        if form == "pdf":
            sheet = self._pages.letter(_ACCESS, lang, slots | _as_slots(content, lang), "pdf")
            return attachment(sheet, "application/pdf", "my-records.pdf")
        return self._pages.show(request, "package", content=content, until=slots.get("package_until", ""))

    def letter(self, request: Request, form: Form) -> Response:
        held = mine(request)
        if held is None:
            return onwards(_HERE)
        lang = language(request)
        slots = self._slots(held, lang)
        if not slots:
            return self._pages.show(request, "sorry", status=404, error=words.NOT_YET)
        text = self._pages.letter(slots["moment"], lang, {**slots, "records": None}, form)
        if form == "pdf":
            return attachment(text, "application/pdf", "letter.pdf")
        count = len(self._certificates(slots))
        return self._pages.show(request, "letter", text=body_of(text), certificates=count)

    def certificate(self, request: Request, place: int) -> Response:
        held = mine(request)
        documents = self._certificates(self._slots(held, "zh")) if held else []
        if not 1 <= place <= len(documents):
            return self._pages.show(request, "sorry", status=404, error=words.NOT_YET)
        text = json.dumps(documents[place - 1], ensure_ascii=False, indent=1).encode()
        return attachment(text, "application/json", f"certificate-{place}.json")

    def _slots(self, held: Mine, lang: Language) -> dict[str, Any]:
        """The letter's slots; empty where there is none, or none that has a sheet of its own."""
        try:
            slots = self._engine.requests.letter(*held, lang)
        except RequestRefused:
            return {}
        return slots if slots.get("moment") in ("letter_deletion", "refusal") else {}

    def _certificates(self, slots: dict[str, Any]) -> list[dict[str, Any]]:
        return self._engine.certificates.of_acts(slots.get("acts", ()))


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
