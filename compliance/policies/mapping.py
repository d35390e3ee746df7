"""Mappings of tables and CSV files, read from the operator's YAML: every fault at once, at its line and column."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path as File
from typing import Annotated, Any, Literal, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from compliance.domain.errors import ConfigurationInvalid, PeriodInvalid
from compliance.domain.mapping import LINE, ColumnRule, CsvMapping, SealedFileMapping, TableMapping
from compliance.domain.schedule import Period
from compliance.policies.source import Path, Source, read
from compliance.policies.terms import NAME, AName, Model

OURS = "vault"  # the name of our own store is taken
LARGEST_FILE = 256 * 1024
# Only encodings whose line feed is never half of another character: lines are cut before they are decoded.
Encoding = Literal["utf-8-sig", "utf-8", "gb18030", "gbk", "cp1252", "latin-1"]
PLACEHOLDER = re.compile(r"\{([^{}]+)\}")

AColumn = Annotated[str, Field(min_length=1, max_length=128)]


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Texts = Annotated[list[AColumn], BeforeValidator(_listed), Field(min_length=1)]


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("timezone") from None


def _period(text: str) -> str:
    # Read where somebody is looking, and not at the moment when something has to be erased.
    try:
        return Period.parse(text).iso
    except PeriodInvalid:
        raise ValueError("period") from None


Residue = dict[str, Annotated[str, AfterValidator(_period)]]


class ColumnFile(Model):
    columns: Texts
    time: bool = False
    erased: str | int | None = None


def _column(value: Any) -> Any:
    """Read ``visitor_name: full_name`` and ``visitor_name: [family, given]`` as mappings of columns."""
    return {"columns": value} if isinstance(value, str | list) else value


class CategoryColumnFile(Model):
    column: AColumn
    words: dict[str, AName] = Field(default_factory=dict)


class TimesFile(Model):
    timezone: str
    formats: Annotated[list[str], Field(min_length=1)] = Field(default_factory=lambda: ["%Y-%m-%d %H:%M:%S"])

    @field_validator("timezone")
    @classmethod
    def _known(cls, name: str) -> str:
        _zone(name)
        return name


class TableFile(Model):
    kind: Literal["sql_table"] = "sql_table"
    name: Annotated[str, Field(pattern=NAME)]
    url: str = Field(default="", repr=False)
    table: AColumn
    key: AColumn
    category: AName | CategoryColumnFile
    columns: dict[AName, Annotated[ColumnFile, BeforeValidator(_column)]] = Field(min_length=1)
    collected_at: str = ""
    times: TimesFile
    holding: str = ""
    technical: list[AColumn] = Field(default_factory=list)
    residue: Residue = Field(default_factory=dict)

    @model_validator(mode="after")
    def _each_column_once(self) -> TableFile:
        # A column with two meanings would be erased with the first and missed by the second.
        named = [column for rule in self.columns.values() for column in rule.columns]
        own = [
            self.key,
            self.holding,
            *([self.category.column] if not isinstance(self.category, str) else []),
        ]
        if len(set(named)) != len(named) or set(named) & {column for column in own if column}:
            raise ValueError("column twice")
        return self


class SealedFileFile(Model):
    kind: Literal["sealed_file"]
    name: Annotated[str, Field(pattern=NAME)]
    folder: Annotated[str, Field(min_length=1)]
    categories: Annotated[list[AName], Field(min_length=1)]
    residue: Residue = Field(default_factory=dict)


class ConstantsFile(Model):
    category: AName
    channel: str
    site: str | None = None
    notice: dict[str, str] | None = None


class CsvTimesFile(TimesFile):
    fields: list[AName] = Field(default_factory=list)


class CsvFile(Model):
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ","
    encoding: Encoding = "utf-8-sig"
    constants: ConstantsFile
    collected_at: Texts
    key: str = ""
    pass_code: Annotated[Texts | None, Field(alias="pass")] = None
    fields: dict[AName, Texts] = Field(min_length=1)
    times: CsvTimesFile
    counts: list[AName] = Field(default_factory=list)
    extra: Literal["forbid", "pass"] = "forbid"
    drop: list[AColumn] = Field(default_factory=list)

    @model_validator(mode="after")
    def _lists_name_fields(self) -> CsvFile:
        if not {*self.times.fields, *self.counts} <= set(self.fields):
            raise ValueError("unknown field")
        return self


M = TypeVar("M", bound=BaseModel)


def load_store_mappings(folder: File) -> list[TableMapping | SealedFileMapping]:
    """Read every mapping of the stores folder; raises ConfigurationInvalid for those that contradict each other.

    Several tables may be adopted for one category. What is laid into files is laid into one store, or nobody could say
    where.
    """
    found = [load_store_mapping(path) for path in sorted(folder.glob("*.yaml"))] if folder.is_dir() else []
    names = Counter([OURS, *(one.name for one in found)])
    served = Counter(category for one in found for category in one.categories)
    sealed = {category for one in found if isinstance(one, SealedFileMapping) for category in one.categories}
    twice = [name for name, n in names.items() if n > 1]
    twice += [category for category in sorted(sealed) if served[category] > 1]
    if twice:
        said = "、".join(twice)
        raise ConfigurationInvalid(
            f"stores: {said} 写在不止一份映射里 / {said} stands in more than one mapping"
        )
    return found


def load_store_mapping(path: File) -> TableMapping | SealedFileMapping:
    """Read ``stores/*.yaml`` of whichever kind it says to be; a table where it says nothing."""
    value = _source(path).value
    if not isinstance(value, dict) or value.get("kind") != "sealed_file":
        return load_table_mapping(path)
    written = _checked(path, SealedFileFile)
    return SealedFileMapping(
        name=written.name,
        # As it would be meant by whoever wrote it: beside the file that says so.
        folder=str(path.parent.absolute() / written.folder),
        categories=frozenset(written.categories),
        residue=written.residue,
    )


def load_table_mapping(path: File) -> TableMapping:
    """Read the mapping of a table; raises ConfigurationInvalid with every fault, zh and en."""
    written = _checked(path, TableFile)
    of_column = written.category if isinstance(written.category, CategoryColumnFile) else None
    return TableMapping(
        name=written.name,
        url=written.url,
        table=written.table,
        key=written.key,
        columns={
            name: ColumnRule(columns=tuple(rule.columns), time=rule.time, erased=rule.erased)
            for name, rule in written.columns.items()
        },
        category=written.category if isinstance(written.category, str) else "",
        category_column=of_column.column if of_column else "",
        category_words=of_column.words if of_column else {},
        collected_at=written.collected_at,
        timezone=_zone(written.times.timezone),
        formats=tuple(written.times.formats),
        holding=written.holding,
        technical=tuple(written.technical),
        residue=written.residue,
    )


def load_csv_mapping(path: File) -> CsvMapping:
    """Read the mapping of a CSV file; raises ConfigurationInvalid with every fault, zh and en."""
    written = _checked(path, CsvFile)
    constants = written.constants.model_dump(exclude_none=True)
    return CsvMapping(
        delimiter=written.delimiter,
        encoding=written.encoding,
        constants=constants,
        collected_at=tuple(map(_template, written.collected_at)),
        key=written.key,
        pass_code=tuple(map(_template, written.pass_code or ())),
        fields={name: tuple(map(_template, texts)) for name, texts in written.fields.items()},
        times=frozenset(written.times.fields),
        counts=frozenset(written.counts),
        formats=tuple(written.times.formats),
        timezone=_zone(written.times.timezone),
        pass_extra=written.extra == "pass",
        drop=frozenset(written.drop),
    )


def _template(text: str) -> str:
    """A bare column name is the template of that column alone."""
    return text if PLACEHOLDER.search(text) or text == LINE else "{" + text + "}"


def _checked(path: File, model: type[M]) -> M:
    source = _source(path)
    if source.faults:
        said = [f"{one.place} {one.zh} / {one.en}" for one in source.faults]
        raise ConfigurationInvalid("; ".join(said))
    try:
        return model.model_validate(source.value)
    except ValidationError as error:
        # What was written may be a password in a URL, so only its place and its name are said.
        said = [
            _said(source, detail["loc"], detail["type"])
            for detail in error.errors(include_url=False, include_context=False, include_input=False)
        ]
        raise ConfigurationInvalid("; ".join(dict.fromkeys(said))) from None


def _source(path: File) -> Source:
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise ConfigurationInvalid(f"{path.name}: 文件过大 / the file is too large")
        return read(path.name, path.read_text(encoding="utf-8"))
    except OSError:
        raise ConfigurationInvalid(f"{path.name}: 找不到或无法读取 / cannot be read") from None
    except UnicodeDecodeError:
        raise ConfigurationInvalid(f"{path.name}: 不是 UTF-8 文本文件 / not a UTF-8 text file") from None


def _said(source: Source, loc: tuple[int | str, ...], kind: str) -> str:
    at: Path = ()
    for step in loc:
        if (*at, step) in source.places:
            at = (*at, step)
    line, column = source.place(at)
    name = ".".join(map(str, loc)) or "*"
    zh, en = _WORDS.get(kind, ("写法不对", "is not written as it should be"))
    return f"{source.file}:{line}:{column} “{name}” {zh} / {name} {en}"


_WORDS = {
    "missing": ("缺少这一项", "is missing"),
    "extra_forbidden": ("没有这一项", "is not known here"),
    "literal_error": ("只能从规定的词中选", "is one of a closed list"),
    "value_error": (
        "写法不对，或同一列、同一字段写了两次或不存在",
        "is wrong, or names a column twice or no field",
    ),
}
