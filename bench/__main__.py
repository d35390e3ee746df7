"""`python3 run.py bench [gate|disposal …] [--quick] [--json]`: run the groups on SQLite and on PostgreSQL."""

from __future__ import annotations

import argparse
import json
import logging
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack

from rich.console import Console
from rich.table import Table

from bench.figures import Figure
from bench.groups import GROUPS
from bench.home import homes
from bench.postgres import two_databases
from compliance.running.logs import to_stderr

RUNS, QUICK_RUNS = 9, 3
RECORDS, QUICK_RECORDS = 4000, 2000


def main(words: Sequence[str]) -> int:
    asked = _arguments(words)
    to_stderr(logging.WARNING)  # a server among the groups must not speak on stdout
    runs, records = (QUICK_RUNS, QUICK_RECORDS) if asked.quick else (RUNS, RECORDS)
    table = Table("figure", "database", "ratio", "goal", "runs", "spread", "records/s")
    for figure in measured(asked.groups or list(GROUPS), runs, records):
        if asked.json:
            sys.stdout.write(json.dumps(figure.as_json()) + "\n")
            sys.stdout.flush()
        spread = f"{min(figure.ratios):.2f} to {max(figure.ratios):.2f}"
        goal = "none yet" if figure.goal is None else f"{figure.goal:.2f}"
        table.add_row(
            figure.name,
            figure.database,
            f"{figure.ratio:.2f}",
            goal,
            str(len(figure.ratios)),
            spread,
            f"{figure.rows_a_second:,.0f}",
        )
    if not asked.json:
        Console(width=max(100, Console().width)).print(table)
    return 0


def measured(groups: Sequence[str], runs: int, records: int) -> Iterator[Figure]:
    for database in ("sqlite", "postgresql"):
        with ExitStack() as stack:
            urls = stack.enter_context(two_databases()) if database == "postgresql" else ("", "")
            pair = stack.enter_context(homes(*urls))
            for name in groups:
                yield from GROUPS[name](pair, database, runs, records)


def _arguments(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="run.py bench", description=__doc__)
    parser.add_argument("groups", nargs="*", metavar="group", help=" or ".join(GROUPS) + "; default: all")
    parser.add_argument(
        "--quick", action="store_true", help=f"{QUICK_RUNS} runs instead of {RUNS}, on fewer records"
    )
    parser.add_argument("--json", action="store_true", help="one object per figure on stdout, nothing else")
    asked = parser.parse_args(words)
    unknown = [name for name in asked.groups if name not in GROUPS]
    if unknown:
        parser.error(f"there is no group {unknown[0]}; there are: {', '.join(GROUPS)}")
    return asked


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
