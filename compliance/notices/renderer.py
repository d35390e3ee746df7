"""Notices from templates: filled, checked for what the law wants in them, and written as HTML, text or A4 PDF.

A notice that lacks a mandatory item is never half a notice: it is refused with the item's name and article.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Literal

from jinja2 import (
    Environment,
    FileSystemLoader,
    StrictUndefined,
    Template,
    UndefinedError,
    meta,
)

from compliance.domain.errors import NoticeIncomplete
from compliance.notices import forms, sheet
from compliance.notices.blocks import Block, read_blocks
from compliance.notices.collection import collection_slots, site_slots
from compliance.notices.moments import KNOWN, MANDATORY, OPTIONAL

__all__ = ["Form", "collection_slots", "languages", "moments", "render", "site_slots"]

Form = Literal["html", "txt", "pdf"]
HERE = Path(__file__).parent
# Printed by the sheet around a notice where its template has no room for it.
_ON_THE_SHEET = frozenset({"issued_on"})
_templates = Environment(loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined)


def moments() -> tuple[str, ...]:
    """Every moment with a template in the folder."""
    return tuple(sorted({path.name.split(".")[0] for path in HERE.glob("*.*.j2")}))


def languages(moment: str) -> tuple[str, ...]:
    """The languages that a moment can be rendered in, Chinese first."""
    found = {path.name.split(".")[1] for path in HERE.glob(f"{moment}.*.j2")}
    return tuple(sorted(found, key=lambda lang: (lang != "zh", lang)))


def render(moment: str, *, lang: str, slots: Mapping[str, object], form: Form) -> bytes:
    """The notice of a moment as a standalone page, a text or a PDF; the same bytes for the same slots.

    Raises NoticeIncomplete for a moment without a template or a row in `moments`, a mandatory slot that is missing or
    empty, a slot that no notice knows, and a template that leaves a mandatory slot unprinted.
    """
    template = _template(moment, lang)
    _check(moment, slots)
    filled = dict.fromkeys(OPTIONAL[moment], "") | dict(slots)
    try:
        blocks = read_blocks(template.render(filled))
    except UndefinedError as error:
        # Jinja names the missing slot; it never quotes a value.
        raise NoticeIncomplete(f"{moment}: {error.message}") from None
    if form == "txt":
        return forms.as_text(blocks, lang)
    if form == "html":
        return forms.as_html(blocks, lang)
    return _pdf(blocks, lang, slots)


def _check(moment: str, slots: Mapping[str, object]) -> None:
    unknown = sorted(set(slots) - KNOWN)
    if unknown:
        raise NoticeIncomplete(f"{moment}: no notice has a place for {', '.join(unknown)}")
    missing = [
        f"{slot.name} ({slot.article})"
        for slot in MANDATORY[moment]
        if _is_empty(slots.get(slot.name), through=slot.through)
        and not (slot.unless and slots.get(slot.unless))
    ]
    if missing:
        raise NoticeIncomplete(f"{moment}: empty: {', '.join(missing)}")


def _is_empty(value: object, *, through: bool) -> bool:
    """Nothing, blank, or a collection with nothing or a blank in it. Zero and False are answers."""
    if isinstance(value, str):
        return not value.strip()
    if isinstance(value, Mapping):
        return not value or (through and any(_is_empty(inner, through=through) for inner in value.values()))
    if isinstance(value, Sequence):
        return not value or any(_is_empty(inner, through=through) for inner in value)
    return value is None


@functools.cache
def _template(moment: str, lang: str) -> Template:
    """The template, once it is seen to print every mandatory slot. A moment without a row says nothing about what it
    must contain, so it is not rendered.
    """
    if moment not in MANDATORY or moment not in moments():
        raise NoticeIncomplete("moment: unknown")
    if lang not in languages(moment):
        raise NoticeIncomplete(f"{moment}: there is no template in this language")
    name = f"{moment}.{lang}.j2"
    printed = meta.find_undeclared_variables(_templates.parse((HERE / name).read_text(encoding="utf-8")))
    unprinted = sorted({slot.name for slot in MANDATORY[moment]} - printed - _ON_THE_SHEET)
    if unprinted:
        raise NoticeIncomplete(f"{name}: the template does not print {', '.join(unprinted)}")
    return _templates.get_template(name)


def _pdf(blocks: Sequence[Block], lang: str, slots: Mapping[str, object]) -> bytes:
    images: dict[str, str] = {}
    drawn: list[dict[str, object]] = []
    for block in blocks:
        item: dict[str, object] = asdict(block)
        if block.kind == "link":
            item["image"] = f"qr{len(images)}.svg"
            images[f"qr{len(images)}.svg"] = forms.qr_svg(block.url)
        drawn.append(item)
    day = str(slots["issued_on"])
    title = next((block.text for block in blocks if block.kind == "title"), str(slots["controller"]))
    footer = f"{slots['controller']} · {day}"
    values = {"blocks": drawn, "lang": lang, "title": title, "footer": footer, "day": day}
    return sheet.draw("notice", values, images, day)
