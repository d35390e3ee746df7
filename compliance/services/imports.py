"""Batches read line by line: what came out of somebody else's system, on its way to the gate.

A file is never loaded whole and a line is bounded, so its size is nobody's problem. A line that cannot be read is an
answer with its number, never an exception and never its content; the lines after it are read as if nothing had been.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import BinaryIO

from compliance.domain.errors import ConfigurationInvalid
from compliance.domain.mapping import LINE, CsvMapping
from compliance.domain.reasons import Reason, reason
from compliance.domain.submission import LARGEST_BYTES, decode
from compliance.domain.vocabulary import ReasonCode

#: A line's number from one, and either the raw submission (anything but a tuple) or the reasons why there is none.
Line = tuple[int, object | tuple[Reason, ...]]

_PLACEHOLDER = re.compile(r"\{([^{}]+)\}")
_WHOLE = re.compile(r"[0-9]{1,9}(?:\.0)?\Z")


def read_ndjson(stream: BinaryIO) -> Iterator[Line]:
    """One strict JSON value a line; empty lines are skipped, but counted."""
    for number, line in _lines(stream):
        if line is None:
            yield number, (reason(ReasonCode.TOO_LARGE),)
        elif text := line.strip():
            yield number, decode(text.removeprefix(b"\xef\xbb\xbf") if number == 1 else text)


def read_csv(stream: BinaryIO, mapping: CsvMapping) -> Iterator[Line]:
    """One submission a row, as the mapping says; raises ConfigurationInvalid where header and mapping disagree."""
    rows = _rows(stream, mapping)
    header = _header(next(rows, (1, ())), mapping)
    build = _builder(header, mapping)
    for number, cells in rows:
        if isinstance(cells, tuple):
            yield number, cells
        elif not any(cells):
            continue
        elif len(cells) != len(header):
            yield number, (reason(ReasonCode.MALFORMED),)
        else:
            yield number, build(number, cells)


def _lines(stream: BinaryIO) -> Iterator[tuple[int, bytes | None]]:
    """Physical lines with their numbers; None for one over the limit, whose rest is skipped."""
    number = 0
    while line := stream.readline(LARGEST_BYTES + 2):
        number += 1
        if len(line) <= LARGEST_BYTES or line.endswith(b"\n"):
            yield number, line
            continue
        while line and not line.endswith(b"\n"):
            line = stream.readline(LARGEST_BYTES)
        yield number, None


class _Unreadable(Exception):
    """The record that is being read cannot be read."""

    def __init__(self, code: ReasonCode) -> None:
        self.code = code
        super().__init__(code.value)


def _rows(stream: BinaryIO, mapping: CsvMapping) -> Iterator[tuple[int, list[str] | tuple[Reason, ...]]]:
    """Records with the number of their first line. A quoted cell may hold line feeds, within the limit of a line."""
    lines = _lines(stream)
    read_to = taken = size = 0

    def texts() -> Iterator[str]:
        nonlocal read_to, size
        for number, line in lines:
            read_to, size = number, size + len(line or b"")
            if line is None or size > LARGEST_BYTES:
                raise _Unreadable(ReasonCode.TOO_LARGE)
            try:
                text = line.decode(mapping.encoding)
            except UnicodeDecodeError:
                raise _Unreadable(ReasonCode.MALFORMED) from None
            if "\0" in text:
                raise _Unreadable(ReasonCode.MALFORMED)
            yield text

    while True:
        # After a fault the parser may stand inside a quotation, so it is made anew and begins at the next line.
        reader = csv.reader(texts(), delimiter=mapping.delimiter, strict=True)
        try:
            for cells in reader:
                yield taken + 1, cells
                taken, size = read_to, 0
            return
        except _Unreadable as fault:
            yield taken + 1, (reason(fault.code),)
        except csv.Error:
            yield taken + 1, (reason(ReasonCode.MALFORMED),)
        taken, size = read_to, 0


def _header(first: tuple[int, list[str] | tuple[Reason, ...]], mapping: CsvMapping) -> list[str]:
    cells = first[1]
    if isinstance(cells, tuple):
        raise ConfigurationInvalid(
            "第1行读不懂，应为列名 / line 1 cannot be read: it has to name the columns"
        )
    header = [cell.strip() for cell in cells]
    # The mapping's own names come first: where the file has no header, its first line is somebody's data, and naming
    # that in an error would repeat it.
    missing = sorted(_named(mapping) - set(header))
    if missing:
        raise ConfigurationInvalid(f"文件没有这些列 / the file lacks columns: {', '.join(missing)}")
    if len(set(header)) != len(header):
        raise ConfigurationInvalid("有两列同名 / two columns have the same name")
    extra = [name for name in header if name not in _named(mapping) | mapping.drop]
    if extra and not mapping.pass_extra:
        raise ConfigurationInvalid(f"映射未提到这些列 / columns without a mapping: {', '.join(extra)}")
    return header


def _named(mapping: CsvMapping) -> set[str]:
    templates = [mapping.key, *mapping.collected_at, *(t for group in mapping.fields.values() for t in group)]
    return {name for template in templates for name in _PLACEHOLDER.findall(template)} - {LINE}


def _builder(header: list[str], mapping: CsvMapping) -> Callable[[int, list[str]], dict[str, object]]:
    """The function from a row to a raw submission, with everything looked up once."""
    named = _named(mapping)
    extra = [(name, at) for at, name in enumerate(header) if name not in named | mapping.drop]
    places = {name: at for at, name in enumerate(header)}
    fields = {name: _filler(templates, places) for name, templates in mapping.fields.items()}
    collected = _filler(mapping.collected_at, places)
    key = _filler((mapping.key,), places) if mapping.key else None

    def build(number: int, cells: list[str]) -> dict[str, object]:
        row = [cell.strip() for cell in cells]
        sent: dict[str, object] = {name: row[at] for name, at in extra if row[at]}
        for name, fill in fields.items():
            if text := fill(row, number):
                sent[name] = _typed(name, text, mapping)
        raw: dict[str, object] = {**mapping.constants, "fields": sent}
        if moment := collected(row, number):
            raw["collected_at"] = as_moment(moment, mapping)
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
