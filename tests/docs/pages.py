"""What the pages say that can be tried: console sessions, Python blocks, links and commands."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    [
        *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "bench/README.md")),
        *(ROOT / "docs").rglob("*.md"),
    ]
)
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]
_BLOCK = re.compile(r"^```(\w+)?[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# A part of a file under examples/integrations, which test_integrations.py compares with it and runs whole.
_EXAMPLE = re.compile(r"^<!-- example: .*? -->\n```.*?^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One `$ …` line of a console block and the lines that it is said to print; … stands for anything."""

    line: str
    prints: tuple[str, ...]


def blocks(page: Path, language: str) -> list[str]:
    text = _EXAMPLE.sub("", page.read_text(encoding="utf-8"))
    return [body for named, body in _BLOCK.findall(text) if named == language]


def session(page: Path) -> list[Command]:
    """The commands of all console blocks of a page, in order."""
    found: list[Command] = []
    for body in blocks(page, "console"):
        for line in body.splitlines():
            if line.startswith("$ "):
                found.append(Command(line=line[2:], prints=()))
            elif line.strip() and found:
                found[-1] = Command(line=found[-1].line, prints=(*found[-1].prints, line))
    return found


def as_pattern(line: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(piece) for piece in line.split("…")) + r"\Z")
