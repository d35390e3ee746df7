"""YAML text into plain values and the place of each: a strict subset, read from parser events.

Why events and not a loader: every duplicate key is reported at its place and not only the first; an alias is refused
before anything is expanded; and memory is bounded by the depth and the size of the text. Only YAML 1.2's ``true``,
``false``, ``null`` and whole numbers are more than text, so that ``no`` and ``2026-03-01`` stay what was typed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLStreamError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.reader import ReaderError

from compliance.policies.fault import Fault, Severity
from compliance.policies.plain_source import NotPlain, read_plain

Path = tuple[str | int, ...]
Place = tuple[int, int]  # line and column, from one

DEEPEST = 30  # levels; a policy needs seven
LONGEST_LINE = 20_000  # characters; sentences for people have hundreds
MOST_NODES = 60_000  # values in a file; a category of sixty fields with all its cases has some two thousand
MOST_TWICE = 100  # duplicate keys named one by one
_WHOLE = re.compile(r"-?(?:0|[1-9][0-9]{0,17})\Z")
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None, "~": None, "": None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One file's value, and where each part of it stands. `faults` is empty where the text could be read."""

    file: str
    value: Any = None
    places: dict[Path, Place] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()

    def place(self, path: Path) -> Place:
        """Where `path` stands, or its nearest ancestor: what is missing is reported where it ought to be."""
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, (1, 1))


class _Unreadable(Exception):
    """The text stops being readable here."""

    def __init__(self, place: Place, zh: str, en: str, instead: str) -> None:
        self.place, self.zh, self.en, self.instead = place, zh, en, instead
        super().__init__(en)


def read(file: str, text: str) -> Source:
    """Parse one file. Faults: ``F-01`` for what is not the YAML we read, ``F-02`` for a key that stands twice."""
    if len(text) <= LONGEST_LINE or max(map(len, text.split("\n"))) <= LONGEST_LINE:
        try:
            value, places = read_plain(text, plain_scalar, DEEPEST, MOST_NODES)
            return Source(file=file, value=value, places=places)
        except NotPlain:
            pass
    return read_carefully(file, text)


def read_carefully(file: str, text: str) -> Source:
    """Parse one file as YAML at large: what is not in the plain dialect, and every fault."""
    builder = _Builder(file)
    try:
        _refuse_long_lines(text)
        value = builder.document(_events(text))
    except _Unreadable as fault:
        builder.fault("F-01", fault.place, fault.zh, fault.en, fault.instead)
        value = None
    return Source(file=file, value=value, places=builder.places, faults=tuple(builder.faults))


def _refuse_long_lines(text: str) -> None:
    for number, line in enumerate(text.splitlines(), start=1):
        if len(line) > LONGEST_LINE:
            zh, en = "这一行过长，不像是策略文件", "This line is too long for a policy file"
            raise _Unreadable((number, 1), zh, en, "分成多行 / break it into lines")


def _events(text: str) -> Iterator[Event]:
    instead = "检查该行的缩进、冒号后的空格和引号 / check indentation, the space after colons, and quotes"
    try:
        yield from YAML(typ="safe", pure=True).parse(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise _slip_of_the_hand(text, place) or _Unreadable(
            place, "这里不是有效的 YAML，无法读取", "This is not valid YAML", instead
        ) from None
    except ReaderError as error:
        before = text[: error.position]
        place = (before.count("\n") + 1, len(before) - before.rfind("\n"))
        zh, en = (
            "这里有不可见的控制字符，不是文本文件",
            "There is a control character here: this is not a text file",
        )
        raise _Unreadable(place, zh, en, "另存为 UTF-8 文本 / save as UTF-8 text") from None
    # Some malformed input makes the parser itself stumble; to the author that is the same: it cannot be read.
    except (YAMLStreamError, ValueError, IndexError, AttributeError, TypeError, AssertionError):
        raise _Unreadable(
            (1, 1), "这里不是有效的 YAML，无法读取", "This is not valid YAML", instead
        ) from None


def _slip_of_the_hand(text: str, place: Place) -> _Unreadable | None:
    """The two slips that a Chinese keyboard and a word processor bring, named as such: ``：`` and the tab."""
    lines = text.splitlines()
    # The parser notices a key without its colon only where the next line begins.
    for number in (place[0], place[0] - 1):
        line = lines[number - 1] if 0 < number <= len(lines) else ""
        if "：" in line and ": " not in line and not line.rstrip().endswith(":"):
            zh, en = "这里用了全角冒号“：”", "There is a full-width colon here"
            return _Unreadable(
                (number, line.index("：") + 1), zh, en, "改成半角冒号加空格“: ” / a plain colon and a space"
            )
        if "\t" in line[: len(line) - len(line.lstrip())]:
            zh, en = "这里用制表符（Tab）缩进", "This line is indented with a tab"
            return _Unreadable((number, 1), zh, en, "改成空格缩进 / indent with spaces")
    return None


class _Builder:
    def __init__(self, file: str) -> None:
        self.file = file
        self.nodes = 0
        self.places: dict[Path, Place] = {}
        self.faults: list[Fault] = []

    def fault(self, rule: str, place: Place, zh: str, en: str, instead: str) -> None:
        line, column = place
        self.faults.append(
            Fault(
                rule=rule,
                severity=Severity.ERROR,
                file=self.file,
                line=line,
                column=column,
                article="E",
                zh=zh,
                en=en,
                instead=instead,
            )
        )

    def document(self, events: Iterator[Event]) -> Any:
        value: Any = None
        documents = 0
        for event in events:
            if isinstance(event, DocumentStartEvent):
                documents += 1
                if documents > 1:
                    zh, en = "一个文件只能有一份内容", "A file holds one document"
                    raise _Unreadable(_at(event), zh, en, "去掉 --- 分隔线 / remove the --- line")
            elif isinstance(event, (ScalarEvent, MappingStartEvent, SequenceStartEvent, AliasEvent)):
                value = self.node(event, events, ())
        return value

    def node(self, event: Event, events: Iterator[Event], path: Path) -> Any:
        self.places.setdefault(path, _at(event))
        if isinstance(event, AliasEvent) or getattr(event, "anchor", None) or _tagged(event):
            zh, en = (
                "不支持锚点（&）、引用（*）和标签（!）",
                "Anchors (&), aliases (*) and tags (!) are not read",
            )
            raise _Unreadable(_at(event), zh, en, "把内容完整写出来 / write it out in full")
        self.nodes += 1
        if self.nodes > MOST_NODES:
            zh, en = "内容过多，不像是策略文件", "This is too much for one policy file"
            raise _Unreadable(_at(event), zh, en, "拆分文件 / split the file")
        if len(path) > DEEPEST:
            raise _Unreadable(_at(event), "嵌套层次过深", "Nested too deeply", "减少层次 / flatten it")
        if isinstance(event, MappingStartEvent):
            return self.mapping(events, path)
        if isinstance(event, SequenceStartEvent):
            return self.sequence(events, path)
        return _scalar(event) if isinstance(event, ScalarEvent) else None

    def mapping(self, events: Iterator[Event], path: Path) -> dict[str, Any]:
        value: dict[str, Any] = {}
        for event in events:
            if isinstance(event, MappingEndEvent):
                break
            if not isinstance(event, ScalarEvent) or _tagged(event) or event.anchor:
                raise _Unreadable(
                    _at(event), "配置项的名称必须是文字", "A key must be plain text", "改成文字 / use text"
                )
            key = str(event.value)
            twice = key in value
            if twice:
                if len(self.faults) == MOST_TWICE:
                    zh, en = (
                        "重复的配置项过多，后面的不再列出",
                        "Too many keys stand twice; the rest is not listed",
                    )
                    raise _Unreadable(_at(event), zh, en, "每项只保留一处 / keep one of each")
                zh, en = f"“{key}”写了两次", f"“{key}” stands here twice"
                self.fault("F-02", _at(event), zh, en, "只保留一处 / keep one of them")
            else:
                self.places[(*path, key)] = _at(event)
            content = self.node(next(events), events, (*path, key))
            if not twice:
                value[key] = content
        return value

    def sequence(self, events: Iterator[Event], path: Path) -> list[Any]:
        value: list[Any] = []
        for event in events:
            if isinstance(event, SequenceEndEvent):
                break
            value.append(self.node(event, events, (*path, len(value))))
        return value


def _at(event: Event) -> Place:
    mark = event.start_mark
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)


def _tagged(event: Event) -> bool:
    return getattr(event, "tag", None) is not None


def _scalar(event: ScalarEvent) -> str | int | bool | None:
    text = str(event.value)
    return (
        text if getattr(event, "style", None) else plain_scalar(text)
    )  # quoted or block text is always text


def plain_scalar(text: str) -> str | int | bool | None:
    """What an unquoted word means."""
    if text in _WORDS:
        return _WORDS[text]
    return int(text) if _WHOLE.match(text) else text
