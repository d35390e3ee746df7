"""A table of rows as submissions: which column is which field, one key a row, and what a refused row is given back with.

A row's key comes from the mapping (`key`, where `{line}` is the line of the file that was first handed in) or else from
what the row says, so that a file that is handed in twice stores nothing twice.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from compliance.domain.errors import ConfigurationInvalid
from compliance.domain.mapping import LINE, CsvMapping
from compliance.domain.reasons import Reason, reason
from compliance.domain.submission import LARGEST_BYTES
from compliance.domain.vocabulary import ReasonCode

#: What a file of refused rows has beside the clerk's own columns. Handed in again, all of it is left aside.
LINE_COLUMN: Final = "原行号"
REASON_COLUMNS: Final = ("未登记的原因", "Why it was refused")
OWN_COLUMNS: Final = frozenset({LINE_COLUMN, *REASON_COLUMNS})
#: A text that a spreadsheet would take for a formula, or that begins with the mark itself, begins with this in a CSV.
MARK: Final = "'"
MARKED: Final = ("=", "+", "-", "@", "\t", "\r", MARK)
# Equal rows are told apart by counting them. Only so many are remembered: further apart they count as one row.
_REMEMBERED: Final = 100_000
_PLACEHOLDER = re.compile(r"\{([^{}]+)\}")
_WHOLE = re.compile(r"[0-9]{1,9}(?:\.0)?\Z")

Cells = tuple[int, list[str] | tuple[Reason, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row with its line in the file that was first handed in. `cells` are the clerk's own, where they could be read."""

    number: int
    raw: object = field(repr=False)
    cells: tuple[str, ...] | None = field(default=None, repr=False)


class Table:
    """The rows below a header. `marked` says that the file is a CSV, where a mark may stand before a text.

    Raises ConfigurationInvalid at once where header and mapping disagree.
    """

    def __init__(self, rows: Iterator[Cells], mapping: CsvMapping, *, marked: bool) -> None:
        self._rows, self._mapping = rows, mapping
        self._header = _header(next(rows, (1, ())), mapping)
        own = [at for at, name in enumerate(self._header) if name in OWN_COLUMNS]
        self._clerks = [at for at in range(len(self._header)) if at not in own]
        self._line = self._header.index(LINE_COLUMN) if LINE_COLUMN in self._header else None
        self._marked = marked and bool(own)

    @property
    def columns(self) -> tuple[str, ...]:
        """The clerk's own columns."""
        return tuple(self._header[at] for at in self._clerks)

    def __iter__(self) -> Iterator[Row]:
        build, keyed = _builder(self._header, self._mapping), _Keys()
        for number, cells in self._rows:
            if isinstance(cells, tuple):
                yield Row(number=number, raw=cells)
                continue
            if not any(cells):
                continue
            read = self._cells(cells)
            first = self._first(number, read)
            if len(read) != len(self._header) or first is None:
                yield Row(number=number, raw=(reason(ReasonCode.MALFORMED),))
            elif sum(map(len, read)) > LARGEST_BYTES:
                yield Row(number=first, raw=(reason(ReasonCode.TOO_LARGE),))
            else:
                raw = build(first, read)
                if not self._mapping.key:
                    raw["key"] = keyed.key_of(raw)
                yield Row(number=first, raw=raw, cells=tuple(read[at] for at in self._clerks))

    def _cells(self, cells: list[str]) -> list[str]:
        read = list(cells)
        while len(read) > len(self._header) and not read[-1]:
            read.pop()
        return [cell.removeprefix(MARK) for cell in read] if self._marked else read

    def _first(self, number: int, cells: list[str]) -> int | None:
        """The line that the row had at first; None where its place holds no number."""
        if self._line is None or self._line >= len(cells):
            return number
        said = cells[self._line].strip()
        return int(said.removesuffix(".0")) if _WHOLE.match(said) else None


class _Keys:
    """Keys out of what rows say, the same whenever the same rows come in the same order."""

    def __init__(self) -> None:
        self._seen: OrderedDict[bytes, int] = OrderedDict()

    def key_of(self, raw: Mapping[str, object]) -> str:
        # Only within this run and in this memory: what is kept of a key is a keyed digest.
        said = json.dumps(raw, sort_keys=True, ensure_ascii=True, default=str).encode()
        digest = hashlib.sha256(said).digest()
        nth = self._seen.pop(digest[:16], 0)
        self._seen[digest[:16]] = nth + 1
        if len(self._seen) > _REMEMBERED:
            self._seen.popitem(last=False)
        return f"row-{digest.hex()[:40]}-{nth}"


def _header(first: Cells, mapping: CsvMapping) -> list[str]:
    cells = first[1]
    if isinstance(cells, tuple):
        raise ConfigurationInvalid(
            "第1行读不懂，应为列名 / line 1 cannot be read: it has to name the columns"
        )
    header = [cell.strip() for cell in cells]
    while header and not header[-1]:
        header.pop()  # a spreadsheet's columns that only look empty
    # The mapping's own names come first: where the file has no header, its first line is somebody's data, and naming
    # that in an error would repeat it.
    missing = sorted(_named(mapping) - set(header))
    if missing:
        raise ConfigurationInvalid(f"文件没有这些列 / the file lacks columns: {', '.join(missing)}")
    if len(set(header)) != len(header):
        raise ConfigurationInvalid("有两列同名 / two columns have the same name")
    extra = [name for name in header if name not in _named(mapping) | mapping.drop | OWN_COLUMNS]
    if extra and not mapping.pass_extra:
        raise ConfigurationInvalid(f"映射未提到这些列 / columns without a mapping: {', '.join(extra)}")
    return header


def columns_of(mapping: CsvMapping) -> dict[str, tuple[str, ...]]:
    """The columns that each field of a submission comes from, for a clerk who knows only those."""
    sources = {**mapping.fields, "collected_at": mapping.collected_at, "pass": mapping.pass_code}
    return {
        name: tuple(
            dict.fromkeys(one for text in templates for one in _PLACEHOLDER.findall(text) if one != LINE)
        )
        for name, templates in sources.items()
        if templates
    }


def _named(mapping: CsvMapping) -> set[str]:
    groups = [mapping.collected_at, mapping.pass_code, *mapping.fields.values()]
    templates = [mapping.key, *(template for group in groups for template in group)]
    return {name for template in templates for name in _PLACEHOLDER.findall(template)} - {LINE}


def _builder(header: list[str], mapping: CsvMapping) -> Callable[[int, list[str]], dict[str, object]]:
    """The function from a row to a raw submission, with everything looked up once."""
    named = _named(mapping)
    extra = [(name, at) for at, name in enumerate(header) if name not in named | mapping.drop | OWN_COLUMNS]
    places = {name: at for at, name in enumerate(header)}
    fields = {name: _filler(templates, places) for name, templates in mapping.fields.items()}
    collected = _filler(mapping.collected_at, places)
    key = _filler((mapping.key,), places) if mapping.key else None
    holder = _filler(mapping.pass_code, places)

    def build(number: int, cells: list[str]) -> dict[str, object]:
        row = [cell.strip() for cell in cells]
        sent: dict[str, object] = {name: row[at] for name, at in extra if row[at]}
        for name, fill in fields.items():
            if text := fill(row, number):
                sent[name] = _typed(name, text, mapping)
        raw: dict[str, object] = {**mapping.constants, "fields": sent}
        if moment := collected(row, number):
            raw["collected_at"] = as_moment(moment, mapping)
        if code := holder(row, number):
            raw["pass"] = code
        if key is not None:
            raw["key"] = key(row, number)
        return raw

    return build


def _filler(templates: tuple[str, ...], places: Mapping[str, int]) -> Callable[[list[str], int], str]:
    """Fill the first template that gives anything; a template whose columns are all empty gives nothing."""
    cut = [_PLACEHOLDER.split(template) for template in templates]  # text, column, text, column, …, text

    def fill(row: list[str], number: int) -> str:
        for pieces in cut:
            values = [str(number) if name == LINE else row[places[name]] for name in pieces[1::2]]
            if any(values):
                words = [word for pair in zip(pieces[::2], [*values, ""], strict=True) for word in pair]
                return " ".join("".join(words).split())
        return ""

    return fill


def _typed(name: str, text: str, mapping: CsvMapping) -> object:
    if name in mapping.times:
        return as_moment(text, mapping)
    if name in mapping.counts and _WHOLE.match(text):
        return int(text.removesuffix(".0"))
    return text  # what is no number where one belongs is for the gate to refuse, in the field's own words


def as_moment(text: str, mapping: CsvMapping) -> str:
    """RFC 3339 in the mapping's timezone where one of its formats fits; else the text, for the gate to refuse."""
    for pattern in mapping.formats:
        try:
            moment = datetime.strptime(text, pattern)  # noqa: DTZ007  the zone is the mapping's
        except ValueError:
            continue
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=mapping.timezone)
        return moment.isoformat(timespec="seconds")
    return text
