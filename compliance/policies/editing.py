"""Changing single values in a file of a pack, and nothing else of it: comments, order and quotes stay as they were.

A file with a fault of form is not edited but shown as text: what cannot be read cannot be changed without guessing.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from compliance.policies.source import read

#: What the form shows of a category and of a field, in the order in which people read it.
HEAD_KEYS = ("label.zh", "label.en", "keep", "starts", "or_else")
FIELD_KEYS = (
    "label.zh",
    "label.en",
    "type",
    "purpose",
    "necessity",
    "sensitivity",
    "basis",
    "required",
    "alternative",
    "read_by",
    "keep",
    "values",
)
_WHERE = {"keep": "retention.keep", "starts": "retention.starts", "or_else": "retention.or_else"}


class NotEditable(Exception):
    """The text has a fault of form, or the field is not there (or there already)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A category as a form shows it: every value as text, in the file's own words."""

    category: str
    head: Mapping[str, str]
    fields: Mapping[str, Mapping[str, str]]


def written(text: str) -> Written:
    """Read a category's file for a form; raises `NotEditable`."""
    tree = _tree(text)
    fields = tree.get("fields")
    named = fields if isinstance(fields, dict) else {}
    return Written(
        category=str(tree.get("category", "")),
        head={key: _shown(tree, key) for key in HEAD_KEYS},
        fields={str(name): _field(value) for name, value in named.items()},
    )


def edit_head(text: str, values: Mapping[str, str]) -> str:
    """The text with these head values changed; raises `NotEditable`."""
    tree = _tree(text)
    for key, value in values.items():
        if key in HEAD_KEYS:
            _put(tree, key, value)
    return _text(tree)


def edit_field(text: str, name: str, values: Mapping[str, str]) -> str:
    """The text with these values of one field changed; an empty value takes the key away. Raises `NotEditable`."""
    tree = _tree(text)
    field = _fields(tree).get(name)
    if not isinstance(field, CommentedMap):
        raise NotEditable
    for key, value in values.items():
        if key in FIELD_KEYS:
            _put(field, key, value)
    return _text(tree)


def add_field(text: str, name: str, label: str, kind: str, purpose: str) -> str:
    """The text with one field more, as narrow as a field can begin: optional, on consent, read by the officer."""
    tree = _tree(text)
    fields = _fields(tree)
    if name in fields or not name:
        raise NotEditable
    fresh = CommentedMap()
    fresh["label"] = _flow({"zh": label, "en": name.replace("_", " ")})
    fresh["type"] = kind
    fresh["purpose"] = purpose
    fresh["necessity"] = ""
    fresh["sensitivity"] = "normal"
    fresh["basis"] = "consent"
    fresh["required"] = False
    fresh["read_by"] = _flow({purpose: ["officer"]})
    fields[name] = fresh
    return _text(tree)


def drop_field(text: str, name: str) -> str:
    """The text without this field; raises `NotEditable`. Its cases stay, and `policy test` will speak of them."""
    tree = _tree(text)
    if name not in _fields(tree):
        raise NotEditable
    del _fields(tree)[name]
    return _text(tree)


def _yaml() -> YAML:
    yaml = YAML(typ="rt")
    yaml.preserve_quotes = True
    yaml.width = 100_000
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml


def _tree(text: str) -> CommentedMap:
    # Our own reader comes first: it refuses aliases, depth and size before anything is built.
    if read("draft", text).faults:
        raise NotEditable
    tree = _yaml().load(text)
    if not isinstance(tree, CommentedMap):
        raise NotEditable
    return tree


def _text(tree: CommentedMap) -> str:
    out = io.StringIO()
    _yaml().dump(tree, out)
    return out.getvalue()


def _fields(tree: CommentedMap) -> CommentedMap:
    fields = tree.get("fields")
    if not isinstance(fields, CommentedMap):
        raise NotEditable
    return fields


def _field(value: Any) -> dict[str, str]:
    return {key: _shown(value, key) for key in FIELD_KEYS} if isinstance(value, dict) else {}


def _shown(tree: Mapping[str, Any], key: str) -> str:
    value: Any = tree
    for step in _WHERE.get(key, key).split("."):
        if key.startswith("label.") and isinstance(value, str):
            value = value if key == "label.zh" else ""
            break
        value = value.get(step) if isinstance(value, dict) else None
    return _as_text(value)


def _as_text(value: Any) -> str:
    """One value on one line or several: lists by 、 and mappings a line to a key, as the form takes them back."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "、".join(str(one) for one in value)
    if isinstance(value, dict):
        return "\n".join(f"{key}: {_as_text(one)}" for key, one in value.items())
    return str(value)


def _put(tree: CommentedMap, key: str, value: str) -> None:
    """Set a value where it differs from what is shown; what is the same keeps its bytes."""
    value = value.replace("\r\n", "\n").strip()
    if _shown(tree, key) == value:
        return
    *way, last = _WHERE.get(key, key).split(".")
    for step in way:
        below = tree.get(step)
        if not isinstance(below, CommentedMap):
            # A label may be one word; two languages make it two.
            below = tree[step] = _flow({"zh": str(below)} if isinstance(below, str) else {})
        tree = below
    if value == "" and last not in ("necessity", "zh"):
        tree.pop(last, None)
    else:
        tree[last] = _read_back(key, last, value)


def _read_back(key: str, last: str, value: str) -> Any:
    if key == "required":
        return value == "true"
    if last == "values":
        return _flow_list(value)
    if last in ("alternative", "read_by") or (last == "basis" and ":" in value):
        lines = (line.partition(":") for line in value.split("\n") if line.strip())
        pairs = {name.strip(): said.strip() for name, _, said in lines}
        return _flow({name: _flow_list(said) if last == "read_by" else said for name, said in pairs.items()})
    return value


def _flow_list(value: str) -> CommentedSeq:
    pieces = value.replace("，", "、").replace(",", "、").split("、")
    made = CommentedSeq([piece.strip() for piece in pieces if piece.strip()])
    made.fa.set_flow_style()
    return made


def _flow(values: Mapping[str, Any]) -> CommentedMap:
    made = CommentedMap(values)
    made.fa.set_flow_style()
    return made
