"""A filled template as plain blocks of text, from which every form is written.

Templates use a handful of tags. What they produce is read back into blocks, so that HTML, text and PDF say the same
and a value is text in all three: whatever it contains was escaped by the template and is unescaped here, once.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlsplit

from compliance.domain.errors import NoticeIncomplete

_LEAVES = {"h1": "title", "h2": "heading", "p": "paragraph", "a": "link"}
_HOLDERS = frozenset({"ul", "dl", "table"})
_INNER = frozenset({"li", "dt", "dd", "tr", "th", "td"})
# Marks that change the direction of text: in a label they could make a reader see another sentence than is printed.
_TURNS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_BREAK = re.compile(r"\s*\n\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One piece of a notice. `kind`: title, heading, paragraph, list, facts, table, link. `rows` holds a list's items
    one to a row, facts as (term, text), a table's cells with its head first. `look`: lead, small, house, code or "".
    """

    kind: str
    text: str = ""
    look: str = ""
    url: str = ""
    rows: tuple[tuple[str, ...], ...] = ()
    #: Rows of a table of facts whose text is a digest or a key, to be set in a way that may break anywhere.
    code: tuple[int, ...] = field(default=())


def read_blocks(fragment: str) -> tuple[Block, ...]:
    """Read what a template produced. Raises NoticeIncomplete for a tag that no form knows how to write."""
    reader = _Reader()
    reader.feed(fragment)
    reader.close()
    return tuple(reader.blocks)


def clean(text: str) -> str:
    """One line of text: no control characters, no marks that turn its direction, no lone surrogates."""
    kept = "".join(
        " " if c in "\t\r" else c
        for c in text
        if c in "\t\r\n" or (unicodedata.category(c) not in ("Cc", "Cs") and c not in _TURNS)
    )
    return re.sub(r" {2,}", " ", _BREAK.sub(_join, kept)).strip()


def _join(found: re.Match[str]) -> str:
    """A line break in a template is a space between words and nothing between Han characters."""
    before, after = found.string[: found.start()][-1:], found.string[found.end() :][:1]
    return " " if before and after and before.isascii() and after.isascii() else ""


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[Block] = []
        self._open = ""
        self._look = ""
        self._url = ""
        self._text: list[str] = []
        self._rows: list[list[str]] = []
        self._code: list[int] = []
        self._inner = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        look = attributes.get("class") or ""
        if tag in _LEAVES or tag in _HOLDERS:
            self._open, self._look, self._url = tag, look, _address(attributes.get("href") or "")
            self._text, self._rows, self._code = [], [], []
        elif tag in _INNER and self._open in _HOLDERS:
            self._begin(tag, look)
        else:
            raise NoticeIncomplete(f"template: the tag {tag} has no place in a notice")

    def _begin(self, tag: str, look: str) -> None:
        self._inner, self._text = tag, []
        if tag in ("tr", "li", "dt"):
            self._rows.append([])
        if look == "code":
            self._code.append(len(self._rows) - 1)

    def handle_data(self, data: str) -> None:
        if self._open in _LEAVES or self._inner in ("li", "dt", "dd", "th", "td"):
            self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag in ("li", "dt", "dd", "th", "td"):
            self._rows[-1].append(clean("".join(self._text)))
            self._inner, self._text = "", []
        elif tag == self._open:
            self.blocks.append(self._block())
            self._open = ""

    def _block(self) -> Block:
        kind = {"ul": "list", "dl": "facts", "table": "table"}.get(self._open) or _LEAVES[self._open]
        return Block(
            kind=kind,
            text=clean("".join(self._text)) if self._open in _LEAVES else "",
            look=self._look,
            url=self._url,
            rows=tuple(tuple(row) for row in self._rows if row),
            code=tuple(self._code),
        )


def _address(url: str) -> str:
    if url and urlsplit(url).scheme not in ("https", "http"):
        raise NoticeIncomplete("link: not a web address")
    return url
