"""The `compliance` command: one module per noun, each verb a thin door onto a use case.

Exit codes: 0 yes; 1 anything refused, or any error found; 2 wrong usage. With `--json` stdout carries result lines
only and all else goes to stderr.
"""

from __future__ import annotations

import sys

import typer

from compliance.cli import (
    consent,
    disclose,
    emergency,
    gate,
    ledger,
    papers,
    people,
    policy,
    record,
    request,
    retention,
    roster,
    running,
    store,
)
from compliance.cli.doors import EXIT_REFUSED, complain, stderr
from compliance.cli.failing import in_a_sentence
from compliance.domain.errors import ComplianceError

app = typer.Typer(
    name="compliance",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    help="个人信息保护与保存期限引擎。A privacy-compliance and retention engine under China's PIPL.",
)
app.add_typer(policy.app, name="policy")
app.add_typer(gate.app, name="gate")
app.add_typer(record.app, name="record")
app.add_typer(retention.app, name="retention")
app.add_typer(retention.hold_app, name="hold")
app.add_typer(emergency.app, name="emergency")
app.add_typer(request.app, name="request")
app.add_typer(consent.app, name="consent")
app.add_typer(papers.report_app, name="report")
app.add_typer(papers.notice_app, name="notice")
app.add_typer(ledger.app, name="ledger")
app.add_typer(store.app, name="store")
app.add_typer(people.staff_app, name="staff")
app.add_typer(people.apikey_app, name="apikey")
app.add_typer(people.keys_app, name="keys")
app.add_typer(disclose.app, name="disclose")
app.command("roster")(roster.roster)
ledger.add_to(app)
running.add_to(app)


def main() -> None:
    """Run one command; an error of ours is one sentence on stderr and exit code 1, never a traceback."""
    try:
        app()
    except ComplianceError as error:
        complain(error)
        sys.exit(EXIT_REFUSED)
    except Exception as error:  # noqa: BLE001
        # A traceback helps no operator, and the message of a library may quote what it choked on.
        stderr.print(in_a_sentence(error), markup=False)
        sys.exit(EXIT_REFUSED)
