"""What `policy check`, `policy test` and `policy schema` do: values first, then one printer each.

Both printers say whether the answer is yes, so that a caller can turn it into an exit code.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter
from rich.console import Console
from rich.text import Text

from compliance.domain.errors import ConfigurationInvalid
from compliance.policies.cases import CaseOutcome, run_cases
from compliance.policies.coverage import Uncovered, uncovered
from compliance.policies.fault import Fault, Severity
from compliance.policies.loader import findings, load, read_files, shipped
from compliance.policies.schema import CategoryFile
from compliance.policies.site_schema import SiteFile

_STYLE = {Severity.ERROR: "bold red", Severity.WARNING: "yellow", Severity.INFO: "cyan"}
_ZH = {Severity.ERROR: "错误", Severity.WARNING: "警告", Severity.INFO: "提示"}


def check(folder: Path, day: date | None = None) -> tuple[Fault, ...]:
    """Every finding of a pack as of a day, in reading order. Nothing above information: the pack may be published."""
    return findings(folder, day)


def clean(found: Sequence[Fault]) -> bool:
    """Whether nothing stands in the way: what was accepted is information."""
    return all(one.severity is Severity.INFO for one in found)


def test(folder: Path) -> tuple[CaseOutcome, ...]:
    """The outcome of every case of a pack; raises `PackInvalid` where the pack itself is at fault."""
    return run_cases(load(folder))


def untried(folder: Path) -> tuple[Uncovered, ...]:
    """The rules of a pack that no case decides about."""
    return uncovered(load(folder))


def init(folder: Path) -> tuple[Path, ...]:
    """Start a pack of one's own from the shipped one; raises `ConfigurationInvalid` where the folder is not empty."""
    if folder.exists() and any(folder.iterdir()):
        raise ConfigurationInvalid("The folder is not empty: nothing was written.")
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, content in read_files(shipped("residential")).items():
        written.append(folder / name)
        written[-1].write_text(content, encoding="utf-8")
    return tuple(written)


def json_schema() -> dict[str, Any]:
    """One JSON Schema for every file of a pack: a category, or the site. For editors: completion and hover texts."""
    schema = TypeAdapter(CategoryFile | SiteFile).json_schema()
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "compliance policy pack"
    return schema


def print_findings(found: Sequence[Fault], console: Console) -> bool:
    """Print findings as file:line:column, rule, article, both sentences and what to write instead; yes: none."""
    for one in found:
        head = Text(one.place, style="bold").append(f"  {one.rule} ", style=_STYLE[one.severity])
        head.append(f"{_ZH[one.severity]} · {_source(one)}", style="dim")
        console.print(head, soft_wrap=True)
        console.print(Text(f"  {one.zh}"), soft_wrap=True)
        console.print(Text(f"  {one.en}", style="dim"), soft_wrap=True)
        if one.instead:
            console.print(Text(f"  → {one.instead}", style="green"), soft_wrap=True)
    errors = sum(one.severity is Severity.ERROR for one in found)
    warnings = sum(one.severity is Severity.WARNING for one in found)
    if clean(found):
        console.print(Text("没有问题，可以发布。 / No findings.", style="green"))
    else:
        summary = f"{errors} 个错误，{warnings} 个警告 / {errors} errors, {warnings} warnings"
        console.print(Text(summary, style="bold"))
    return clean(found)


def _source(one: Fault) -> str:
    # What the law orders and what this system chose are told apart wherever a rule is printed.
    return one.article if one.is_law else "本系统规则，非法律要求 / house rule, not law"


def print_uncovered(missing: Sequence[Uncovered], console: Console) -> None:
    """Print the rules that no case decides about, a line each."""
    if missing:
        summary = f"{len(missing)} 处规则没有用例 / {len(missing)} rules without a case"
        console.print(Text(summary, style="bold red"))
    for one in missing:
        console.print(Text(f"  {one.say.zh} / {one.say.en}"), soft_wrap=True)


def print_outcomes(outcomes: Sequence[CaseOutcome], console: Console) -> bool:
    """Print a line of dots a file, every failure with what was expected and what came out, and the sum; yes: all pass."""
    for file, of_file in groupby(outcomes, key=lambda outcome: outcome.case.file):
        line = Text(f"{file}  ", style="bold")
        for outcome in of_file:
            line.append("." if outcome.passed else "F", style="green" if outcome.passed else "bold red")
        console.print(line, soft_wrap=True)
    failed = [outcome for outcome in outcomes if not outcome.passed]
    for outcome in failed:
        case = outcome.case
        console.print()
        console.print(Text(f"{case.file}:{case.line}  {case.title}", style="bold red"), soft_wrap=True)
        console.print(Text(f"  应为 / expected: {' '.join(outcome.expected)}"), soft_wrap=True)
        console.print(Text(f"  实为 / got:      {' '.join(outcome.got)}"), soft_wrap=True)
    passed = len(outcomes) - len(failed)
    if not outcomes:
        console.print(
            Text("没有用例：没有测过的规则不能算数。 / No cases: nothing was tested.", style="bold red")
        )
        return False
    summary = f"{passed} 个用例通过，{len(failed)} 个失败 / {passed} passed, {len(failed)} failed"
    console.print(Text(summary, style="bold red" if failed else "bold green"))
    return not failed
