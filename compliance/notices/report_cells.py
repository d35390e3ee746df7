"""What a table of the report is made of, however it is drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from compliance.notices.report_words import Label

NONE_KNOWN: Final = "—"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A number or a word. `change` is set in columns that are compared; `alarm` marks what should be nought."""

    value: int | str
    change: int | None = None
    alarm: bool = False

    @property
    def changed(self) -> str:
        return NONE_KNOWN if self.change is None else f"{self.change:+d}" if self.change else "±0"


def word(text: str) -> Cell:
    """A cell of words, never empty."""
    return Cell(value=text or NONE_KNOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    label: Label
    compared: bool = False
    number: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """`name` is a workbook's sheet; `empty` is what is said where there is no row."""

    name: str
    title: Label
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: Label = ("", "")
    empty: Label = ("没有", "none")
