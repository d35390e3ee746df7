"""The quick reader reads nothing that the full parser would read otherwise, and no file takes long to refuse."""

from __future__ import annotations

import time
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from compliance.policies.commands import check
from compliance.policies.loader import shipped
from compliance.policies.plain_source import NotPlain, read_plain
from compliance.policies.source import DEEPEST, MOST_NODES, plain_scalar, read_carefully

ROOT = Path(__file__).parents[2]
FILES = sorted(
    [*(ROOT / "compliance" / "policies").rglob("*.yaml"), *(Path(__file__).parent / "bad").glob("*.yaml")]
)
# Pieces that mean something to a parser, so that most texts are nearly YAML.
PIECES = st.sampled_from(
    ["a", "b", "姓名", "c d", "30d", "7", "-7", "true", "null", "~", "''", "'x'", "'it''s'", '"x y"', '"', "'", ":", ": ",
     " ", "  ", "\n", "\n  ", "\n    ", "\n- ", "\n  - ", "- ", "-", ",", ", ", "[", "]", "{", "}", "{a: b}", "[a, b]",
     "#", " # why", "|", ">", "&a", "*a", "!t", "?", "? ", "%", "@", "`", "=", "<<", "---", "...", "\t", "\r\n", "\u2028", "："]
)  # fmt: skip
PLACES = st.sampled_from(["a: ", "b: ", "c:\n  ", "d:\n    - ", "e: [", "f: {g: ", "- "])


def agree(text: str) -> bool:
    """Whether the quick reader read it; if so, it read what the full parser reads."""
    try:
        value, places = read_plain(text, plain_scalar, DEEPEST, MOST_NODES)
    except NotPlain:
        return False
    carefully = read_carefully("x.yaml", text)
    assert carefully.faults == ()
    assert repr(value) == repr(carefully.value)
    assert places == carefully.places
    return True


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_file_of_ours_is_read_alike(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert agree(text) or read_carefully(path.name, text).faults


@given(st.lists(st.one_of(PIECES, PLACES), max_size=14).map("".join))
@settings(max_examples=3000, deadline=None)
@example("a: b\n c")
@example("a: [b, c: d]")
@example("a:\n- b")
@example("- a: b\n  c: d\n- e")
@example("a: b #c\nd: e#f # g")
def test_what_is_read_quickly_is_read_alike(text: str) -> None:
    agree(text)


@given(st.text(alphabet="ab:-[]{}#'\"?, \n", max_size=40))
@settings(max_examples=3000, deadline=None)
def test_no_text_is_read_otherwise(text: str) -> None:
    agree(text)


def test_windows_line_ends_are_read_quickly_too() -> None:
    assert agree("a: 1\r\nb:\r\n  - c\r\n")


FIELD = """  field_{n}:
    label: {{zh: 字段{n}, en: Field {n}}}
    type: text
    purpose: entry_security
    necessity: 发生事件时可以查对，紧急情况下清点人数
    sensitivity: normal
    basis: consent
    required: false
    show_as: full
    read_by: {{entry_security: [guard, officer], rights_request: [officer]}}
"""
CATEGORY = """category: category_{n}
label: {{zh: 类别{n}, en: Category {n}}}
channels: [desk, kiosk, miniapp, phone]
retention: {{starts: collected_at, or_else: collected_at, keep: 30d, then: erase}}
fields:
"""


def large_pack(folder: Path, categories: int) -> Path:
    site = (shipped("residential") / "site.yaml").read_text(encoding="utf-8")
    (folder / "site.yaml").write_text(site, encoding="utf-8")
    fields = "".join(FIELD.format(n=n) for n in range(30))
    for number in range(categories):
        (folder / f"category_{number}.yaml").write_text(CATEGORY.format(n=number) + fields, encoding="utf-8")
    return folder


def test_two_hundred_categories_of_thirty_fields_are_checked_in_two_seconds(tmp_path: Path) -> None:
    """Of this thread's own time: what else the machine does meanwhile is not ours to answer for."""
    folder = large_pack(tmp_path, 200)
    started = time.thread_time()

    assert check(folder) == ()
    assert time.thread_time() - started < 2


def test_a_fault_after_line_three_thousand_is_reported_at_its_line(tmp_path: Path) -> None:
    folder = large_pack(tmp_path, 1)
    path = folder / "category_0.yaml"
    case = "  - the text may be given {n}:\n      submit: {{field_1: 示例}}\n      expect: admitted\n"
    text = path.read_text(encoding="utf-8") + "cases:\n" + "".join(case.format(n=n) for n in range(1000))
    path.write_text(text + "colour: red\n", encoding="utf-8")

    (fault,) = check(folder)

    assert (fault.rule, fault.line) == ("L-004", text.count("\n") + 1)
    assert fault.line > 3000


def test_a_megabyte_of_policy_is_read_in_bounded_memory(tmp_path: Path) -> None:
    (tmp_path / "site.yaml").write_text("a: [" + "b, " * 300_000 + "b]\n", encoding="utf-8")
    tracemalloc.start()

    rules = {fault.rule for fault in check(tmp_path)}
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert rules == {"F-01"}
    assert peak < 100_000_000
