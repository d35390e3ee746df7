"""`compliance init`: a starter pack of one's own, with who runs the place filled in."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from compliance.cli.doors import console
from compliance.policies import commands
from compliance.policies.loader import load, shipped

#: What is asked: the line of site.yaml, the key in it, and the question.
QUESTIONS: tuple[tuple[str, str, str], ...] = (
    ("label", "zh", "小区或楼宇名称 · name of the community or building"),
    ("controller", "name", "物业公司全称（个人信息处理者）· the property company (controller)"),
    ("controller", "contact", "对外联系电话 · its telephone"),
    ("officer", "contact", "个人信息保护负责人电话 · the officer's telephone"),
    ("complaints", "name", "受理投诉的机关 · the authority that hears complaints"),
    ("complaints", "contact", "该机关的电话 · its telephone"),
)


def init(
    folder: Annotated[Path, typer.Argument(help="A new or empty folder.")],
    ask: Annotated[
        bool | None,
        typer.Option(
            "--ask/--yes", help="Ask who you are, or take the fictional names; default: ask at a terminal."
        ),
    ] = None,
) -> None:
    """Write a starter pack to edit: asks a few questions at a terminal, none with --yes."""
    asked = sys.stdin.isatty() if ask is None else ask
    written = commands.init(folder)
    if asked:
        _fill(folder / "site.yaml", _answers())
        _choose(folder)
    for path in written:
        if path.exists():
            console.print(str(path), markup=False)
    if asked:
        commands.print_findings(commands.check(folder), console)


def _answers() -> dict[tuple[str, str], str]:
    """One answer a question; an empty one keeps what stands in the file."""
    given = {
        (line, key): str(typer.prompt(words, default="", show_default=False))
        for line, key, words in QUESTIONS
    }
    return {place: answer.strip() for place, answer in given.items() if answer.strip()}


def _fill(path: Path, answers: Mapping[tuple[str, str], str]) -> None:
    text = path.read_text(encoding="utf-8")
    for (line, key), answer in answers.items():
        # JSON's quoted strings are YAML's too: whatever is typed stays a text.
        quoted = json.dumps(answer, ensure_ascii=False)
        value = r'(?:"(?:[^"\\]|\\.)*"|[^,}]*)'
        found = re.search(rf"^{line}: \{{(?:.*, )?{key}: ({value})", text, re.MULTILINE)
        if found:
            text = text[: found.start(1)] + quoted + text[found.end(1) :]
    path.write_text(text, encoding="utf-8")


def _choose(folder: Path) -> None:
    """Which registers the place has: the files of the others are taken out again."""
    for category, policy in load(shipped("residential")).categories.items():
        path = folder / f"{category}.yaml"
        if path.exists() and not typer.confirm(
            f"登记{policy.label.zh}吗 · register {category}?", default=True
        ):
            path.unlink()
            _unlist(folder / "site.yaml", category)


def _unlist(path: Path, category: str) -> None:
    """A register that is gone is not shown first either."""
    text = path.read_text(encoding="utf-8")
    found = re.search(r"^shown_first: \[(.*?)\]", text, re.MULTILINE)
    if found:
        kept = [one.strip() for one in found[1].split(",") if one.strip() != category]
        text = text.replace(found[0], f"shown_first: [{', '.join(kept)}]")
        path.write_text(text, encoding="utf-8")
