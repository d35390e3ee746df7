"""How somebody else's table or file says the same things: which column is which field. Values only.

An operator writes them as YAML (`compliance.policies.mapping` reads it); stores and imports receive them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

#: Stands for the number of the line in a template, so that an import run twice finds its own records again.
LINE = "line"


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnRule:
    """The column of one field; or several, whose words together are the field, or whose first moment is (such a field
    can be adopted, read and erased, but not written).

    `erased` is what an expired field becomes where its column may not be NULL.
    """

    columns: tuple[str, ...]
    time: bool = False
    erased: str | int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TableMapping:
    """An existing table under a policy. `key` is its own primary key: what we call `ref`.

    `category` is a constant; where it is empty, `category_column` holds a word that `category_words` translates.
    `holding` names the column where our opaque id may be written; `technical` the columns that say nothing of people.
    `formats` are how a text column writes a time, the first one for writing; `timezone` is what naive times mean.
    """

    name: str
    url: str = field(default="", repr=False)
    table: str
    key: str
    columns: Mapping[str, ColumnRule]
    category: str = ""
    category_column: str = ""
    category_words: Mapping[str, str] = field(default_factory=dict)
    collected_at: str = ""
    timezone: ZoneInfo
    formats: tuple[str, ...] = ("%Y-%m-%d %H:%M:%S",)
    holding: str = ""
    technical: tuple[str, ...] = ()
    residue: Mapping[str, str] = field(default_factory=dict)

    @property
    def categories(self) -> frozenset[str]:
        return frozenset({self.category} if self.category else self.category_words.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedFileMapping:
    """A folder of files that only grow, and the categories whose records are laid there, sealed."""

    name: str
    folder: str
    categories: frozenset[str]
    residue: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvMapping:
    """A file of rows as submissions. A template is text with ``{COLUMN}`` in it; of several the first not empty wins.

    `constants` are what every row has in common: category, channel, site, notice. `pass_code` is where the code stands
    that a pass holder showed; a row without one refers to nobody's consent. With `pass_extra` a column that is neither
    mapped nor in `drop` goes to the gate under its own name, and the gate refuses it.
    """

    delimiter: str = ","
    encoding: str = "utf-8-sig"
    constants: Mapping[str, object]
    collected_at: tuple[str, ...]
    key: str = ""
    pass_code: tuple[str, ...] = ()
    fields: Mapping[str, tuple[str, ...]]
    times: frozenset[str] = frozenset()
    counts: frozenset[str] = frozenset()
    formats: tuple[str, ...] = ("%Y-%m-%d %H:%M:%S",)
    timezone: ZoneInfo
    pass_extra: bool = False
    drop: frozenset[str] = frozenset()
