"""Batches read line by line: what came out of somebody else's system, on its way to the gate.

A file is never loaded whole and a line is bounded, so its size is nobody's problem. A line that cannot be read is an
answer with its number, never an exception and never its content; the lines after it are read as if nothing had been.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import BinaryIO

from compliance.domain.mapping import CsvMapping
from compliance.domain.reasons import Reason, reason
from compliance.domain.submission import LARGEST_BYTES, decode
from compliance.domain.vocabulary import ReasonCode
from compliance.services.tables import Cells, Table

#: A line's number from one, and either the raw submission (anything but a tuple) or the reasons why there is none.
Line = tuple[int, object | tuple[Reason, ...]]
# How a spreadsheet's own dates are handed over, whatever the mapping says of those that are typed as text.
_DATES = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d")


def read_ndjson(stream: BinaryIO) -> Iterator[Line]:
    """One strict JSON value a line; empty lines are skipped, but counted."""
    for number, line in _lines(stream):
        if line is None:
            yield number, (reason(ReasonCode.TOO_LARGE),)
        elif text := line.strip():
            yield number, decode(text.removeprefix(b"\xef\xbb\xbf") if number == 1 else text)


def read_csv(stream: BinaryIO, mapping: CsvMapping) -> Iterator[Line]:
    """One submission a row, as the mapping says; raises ConfigurationInvalid where header and mapping disagree."""
    return ((row.number, row.raw) for row in csv_table(stream, mapping))


def csv_table(stream: BinaryIO, mapping: CsvMapping) -> Table:
    """A CSV as rows; raises ConfigurationInvalid where header and mapping disagree."""
    return Table(_rows(stream, mapping), mapping, marked=True)


def sheet_table(rows: Iterable[tuple[int, list[str]]], mapping: CsvMapping) -> Table:
    """The rows of a spreadsheet; raises ConfigurationInvalid where header and mapping disagree."""
    return Table(_even(rows), replace(mapping, formats=(*mapping.formats, *_DATES)), marked=False)


def _even(rows: Iterable[tuple[int, list[str]]]) -> Iterator[Cells]:
    """Every row as wide as the first: a spreadsheet leaves out the empty cells at the end."""
    width = 0
    for number, cells in rows:
        width = width or len(cells)
        yield number, cells + [""] * (width - len(cells))


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


def _rows(stream: BinaryIO, mapping: CsvMapping) -> Iterator[Cells]:
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
