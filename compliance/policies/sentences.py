"""What pydantic found, said to an officer: one rule, one Chinese sentence, and what to write instead.

Where a rule of law/requirements.md section 2 says the fault better than its shape does, the rule's own number is used.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ValidationError

from compliance.domain.vocabulary import (
    Basis,
    Channel,
    Fate,
    FieldType,
    OnIdentifier,
    ReasonCode,
    Role,
    Sensitivity,
    ShowAs,
    StoreForm,
)
from compliance.policies.fault import Fault, Severity
from compliance.policies.source import Path, Source
from compliance.policies.words import (
    FOR_EVER,
    IN_PLAIN,
    MISSING,
    NO_AGREEMENT,
    NO_CONTROLLER,
    NO_FATE,
    NO_RECIPIENT,
    NO_WILDCARD,
    ONE_BASIS,
    Said,
)

FOREVER = frozenset(
    {
        "permanent",
        "permanently",
        "forever",
        "indefinite",
        "infinite",
        "inf",
        "always",
        "never",
        "永久",
        "长期",
        "无限期",
    }
)
_LISTS: dict[str, type[StrEnum]] = {
    "type": FieldType,
    "sensitivity": Sensitivity,
    "basis": Basis,
    "store": StoreForm,
    "show_as": ShowAs,
    "on_identifier": OnIdentifier,
    "channels": Channel,
    "channel": Channel,
    "then": Fate,
    "read_by": Role,
    "say": ReasonCode,
}


def faults_of(
    error: ValidationError, source: Source, at: Path, model: type[BaseModel], known: tuple[str, ...] = ()
) -> list[Fault]:
    """Every fault that a model found under the path `at`, at its place in the file.

    `known` names keys that the file may have beside the model's own, for suggestions.
    """
    found: dict[tuple[Path, str], Fault] = {}
    for detail in error.errors(include_url=False, include_context=True, include_input=True):
        path = (*at, *_path_in(source, at, detail["loc"]))
        said = _said(
            detail["type"], detail["input"], path, source, allowed_keys(model, path[len(at) :], known)
        )
        where = path[:1] if said is NO_CONTROLLER else path  # one party, one fault
        found.setdefault((where, said.rule), fault(source, where, said))
    return list(found.values())


def fault(source: Source, path: Path, said: Said, severity: Severity = Severity.ERROR) -> Fault:
    """A fault at `path`, with the name of the field it lies in filled in."""
    line, column = source.place(path)
    field = str(path[1]) if len(path) > 1 and path[0] == "fields" else ""
    return Fault(
        rule=said.rule,
        severity=severity,
        file=source.file,
        line=line,
        column=column,
        article=said.article,
        zh=said.zh.replace("{field}", _label(source, field)),
        en=said.en.replace("{field}", field),
        instead=said.instead,
        where=_where(source, path),
    )


def _where(source: Source, path: Path) -> str:
    """The path as people name it: the category or the site, then keys; an item of a list goes by its name."""
    category = source.value.get("category") if isinstance(source.value, dict) else None
    steps = [str(category) if isinstance(category, str) else "site"]
    value: Any = source.value
    for number, step in enumerate(path):
        value = value.get(step) if isinstance(value, dict) else _item(value, step)
        if number == 0 and step == "fields" and len(path) > 1:
            continue
        named = isinstance(step, int) and isinstance(value, dict) and isinstance(value.get("name"), str)
        steps.append(str(value["name"]) if named else str(step))
    return ".".join(steps)


def _item(value: Any, step: str | int) -> Any:
    return value[step] if isinstance(value, list) and isinstance(step, int) and step < len(value) else None


def _label(source: Source, field: str) -> str:
    """The field's Chinese label as the file has it, or its name where it has none."""
    label = _sibling(source, ("fields", field, "label"), "label")
    label = label.get("zh") if isinstance(label, dict) else label
    return label if isinstance(label, str) and label else field


def _path_in(source: Source, at: Path, loc: tuple[int | str, ...]) -> Path:
    """Drop from pydantic's location what the file has no place for (names of models and of union members)."""
    path: Path = ()
    for number, step in enumerate(loc):
        if (*at, *path, step) in source.places or number == len(loc) - 1:
            path = (*path, step)
    union_member = bool(path) and str(path[-1]).startswith(("dict[", "function-", "is-instance", "[key]"))
    return path[:-1] if union_member else path


def _said(kind: str, value: Any, path: Path, source: Source, allowed: list[str]) -> Said:
    key = str(path[-1]) if path else ""
    if path[:1] == ("controller",) and kind != "extra_forbidden":
        return NO_CONTROLLER
    if path[:1] in (("recipients",), ("entrusted",)) and kind in ("missing", "string_too_short", "too_short"):
        said = NO_RECIPIENT if path[0] == "recipients" else NO_AGREEMENT
        return replace(said, zh=said.zh.replace("{x}", key), en=said.en.replace("{x}", key))
    if kind == "missing":
        return MISSING.get(key) or _missing(key)
    if kind == "extra_forbidden":
        return unknown_key(key, allowed)
    if key == "fields" or path == ("fields", "*"):
        return NO_WILDCARD
    if key == "keep" and isinstance(value, str) and value.strip().lower() in FOREVER:
        return FOR_EVER
    if key == "then":
        return NO_FATE
    if "basis" in path:
        return ONE_BASIS
    if key == "store" and value == "plain" and _sibling(source, path, "sensitivity") == Sensitivity.SENSITIVE:
        return IN_PLAIN
    return _wrong(kind, key, path)


def _sibling(source: Source, path: Path, key: str) -> Any:
    value: Any = source.value
    for step in path[:-1]:
        value = value.get(step) if isinstance(value, dict) else None
    return value.get(key) if isinstance(value, dict) else None


def _missing(key: str) -> Said:
    return Said(
        rule="F-03",
        article="E",
        zh=f"缺少必填的配置项“{key}”",
        en=f"“{key}” is missing",
        instead=f"{key}: …",
    )


def unknown_key(key: str, allowed: list[str]) -> Said:
    """L-004, with the nearest known key as the suggestion."""
    near = get_close_matches(key, allowed, n=1, cutoff=0.6)
    suggestion = (
        f"是否想写 {near[0]}？/ did you mean {near[0]}?" if near else "可用 / known: " + ", ".join(allowed)
    )
    return Said(
        rule="L-004",
        article="E",
        zh=f"存在未定义的配置项：{key}",
        en=f"Unknown key {key}",
        instead=suggestion,
    )


def allowed_keys(model: type[BaseModel], path: Path, known: tuple[str, ...] = ()) -> list[str]:
    """The keys of the model that the last step of `path` (from `model` on) stands in."""
    fields: Mapping[str, Any] = model.model_fields
    for step in path[:-1]:
        inner = fields.get(str(step))
        if inner is None:
            continue
        nested = _model_in(inner.annotation)
        if nested is not None:
            fields = nested.model_fields
    return sorted([*fields, *(known if len(path) == 1 else ())])


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    inner = (_model_in(argument) for argument in getattr(annotation, "__args__", ()))
    return next((model for model in inner if model is not None), None)


_PERIODS = frozenset({"keep", "furthest"})


def _wrong(kind: str, key: str, path: Path) -> Said:
    word = next((step for step in reversed(path) if step in _LISTS), None)
    if key in _PERIODS:
        zh, en = f"“{key}”不是有效的期限", f"“{key}” is not a period"
        return Said(rule="F-05", article="E", zh=zh, en=en, instead="30d, 24h, P6M")
    if key in ("starts", "or_else"):
        zh, en = f"“{key}”不是有效的起算时间", f"“{key}” is not a start"
        return Said(
            rule="F-05", article="E", zh=zh, en=en, instead="exit_time, entry_time + 24h, collected_at"
        )
    if word is not None and not kind.endswith(("_too_short", "_too_long")):
        members = " | ".join(member.value for member in _LISTS[str(word)])
        zh, en = f"“{word}”的取值不在可选范围内", f"“{word}” is not one of the known words"
        return Said(rule="F-04", article="E", zh=zh, en=en, instead=f"{word}: {members}")
    zh, en = f"“{key}”的内容不符合格式", f"“{key}” does not have the expected form"
    return Said(rule="F-04", article="E", zh=zh, en=en, instead=_FORMS.get(kind, ""))


_FORMS = {
    "string_type": "写成文字，数字请加引号 / text; quote numbers",
    "bool_type": "true | false",
    "int_type": "整数 / a whole number",
    "list_type": "用列表：[…] / a list",
    "dict_type": "用键值：{…} / a mapping",
    "model_type": "用键值：{…} / a mapping",
    "string_too_short": "不能为空 / may not be empty",
    "too_short": "至少一项 / at least one",
    "string_pattern_mismatch": "小写字母、数字和下划线，以字母开头 / lower-case letters, digits, underscores",
    "value_error": "时间须带时区，如 2026-03-01T18:00+08:00 / a moment with its offset",
}
