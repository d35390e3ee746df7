"""Blocks as a standalone HTML page and as plain text."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import segno
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from compliance.notices.blocks import Block

LAYOUTS = Path(__file__).parent / "layouts"
#: The widest line of a text notice in half-width columns is left to whoever shows it; terms and texts are joined by this.
_COLON = {"zh": "：", "en": ": "}
_pages = Environment(
    loader=FileSystemLoader(LAYOUTS),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def qr_svg(url: str) -> str:
    """The address as a QR code in SVG: black on white whatever the page around it looks like."""
    out = io.BytesIO()
    segno.make(url, error="m", micro=False).save(
        out, kind="svg", xmldecl=False, svgns=True, border=4, scale=4, light="#ffffff", nl=False
    )
    return out.getvalue().decode("ascii")


def as_html(blocks: Sequence[Block], lang: str) -> bytes:
    title = next((block.text for block in blocks if block.kind == "title"), "") or "—"
    codes = {block.url: qr_svg(block.url) for block in blocks if block.kind == "link"}
    return page("notice.html", blocks=blocks, lang=_tag(lang), title=title, codes=codes)


def page(layout: str, **values: object) -> bytes:
    """A page of `layouts/`, everything in it escaped but our own drawings. What has no UTF-8 form is replaced."""
    return _pages.get_template(layout).render(**values).encode("utf-8", "replace")


def as_text(blocks: Sequence[Block], lang: str) -> bytes:
    return ("\n".join(_lines(blocks, lang)).strip() + "\n").encode()


def _lines(blocks: Sequence[Block], lang: str) -> list[str]:
    lines: list[str] = []
    for block in blocks:
        if block.kind in ("title", "heading"):
            lines += ["", block.text, ""]
        elif block.kind == "list":
            lines += [f"- {row[0]}" for row in block.rows]
        elif block.kind == "facts":
            lines += [_COLON[lang].join(row) for row in block.rows]
        elif block.kind == "table":
            lines += _table_lines(block, lang)
        elif block.kind == "link":
            lines.append(f"{block.text}{_COLON[lang]}{block.url}")
        else:
            lines.append(block.text)
    return lines


def _table_lines(block: Block, lang: str) -> list[str]:
    """One paragraph to a row, every cell under its head: a text has no columns that could be trusted to line up."""
    head, *rows = block.rows
    lines: list[str] = []
    for row in rows:
        lines += ["", *(f"{name}{_COLON[lang]}{cell}" for name, cell in zip(head, row, strict=True))]
    return [*lines, ""]


def _tag(lang: str) -> str:
    return "zh-CN" if lang == "zh" else lang
