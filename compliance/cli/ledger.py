"""`compliance ledger`, `certificate` and `verify`: the proof, for those who have the books and those who do not."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from compliance.cli.doors import EXIT_REFUSED, At, Json, console, engine, say, stderr
from compliance.domain.certificate import verify_certificate
from compliance.domain.checkpoint import open_verifier_key
from compliance.domain.errors import LedgerError
from compliance.keys.signer import verifier

app = typer.Typer(no_args_is_help=True, help="台账：核验、签名头。The ledger: verify, checkpoint.")


@app.command("verify")
def verify_ledger(
    head: Annotated[
        Path | None, typer.Option(help="A signed head that was kept elsewhere.", exists=True)
    ] = None,
    at: At = None,
    as_json: Json = False,
) -> None:
    """Re-hash every entry and compare with the signed heads; without a head from outside: self-consistent only."""
    with engine(at) as opened:
        opened.sealing.seal()
        found = opened.sealing.verify(head.read_text(encoding="utf-8") if head else None)
    result = {**asdict(found), "root": found.root.hex(), "verdict": found.verdict}
    verdict = "与外部保存的签名头一致" if found.outside_head else "只能自证一致"
    say(
        result,
        as_json=as_json,
        sentence=(
            f"{found.size} 条记录与签名头一致（{found.heads} 个签名头），{found.pending} 条尚未入头：{verdict}\n"
            f"{found.size} entries agree with {found.heads} signed heads, {found.pending} not yet under a head: "
            f"{found.verdict}"
        ),
    )


@app.command()
def checkpoint() -> None:
    """Print the newest signed head, to be kept elsewhere; the verifier key goes to stderr."""
    with engine() as opened:
        opened.sealing.seal()
        head = opened.sealing.current_head()
        typer.echo(opened.sealing.verifier, err=True)
    if head is None:
        raise typer.Exit(EXIT_REFUSED)
    sys.stdout.write(head.note)


def certificate(record: Annotated[str, typer.Argument(help="A record id, or a request number.")]) -> None:
    """Deletion certificates, one JSON document a line."""
    with engine() as opened:
        opened.sealing.seal()
        documents = opened.certificates.of_record(record)
        if not documents:
            documents = opened.certificates.of_acts(opened.requests.acts(record))
    for document in documents:
        sys.stdout.write(json.dumps(document, ensure_ascii=False, sort_keys=True) + "\n")
    if not documents:
        stderr.print("没有可证明的删除。/ Nothing erased under this id or number.", markup=False)
    raise typer.Exit(0 if documents else EXIT_REFUSED)


def verify(
    file: Annotated[Path, typer.Argument(help="A certificate.", exists=True)],
    key: Annotated[str, typer.Option(help="The verifier key, as the operator publishes it.")],
    as_json: Json = False,
) -> None:
    """Check a deletion certificate offline: no home, no network, no database."""
    try:
        checker = open_verifier_key(key)
        found = verify_certificate(
            _document(file), verifier(checker.public_key), checker.public_key, origin=checker.name
        )
    except LedgerError as error:
        console.print(f"核验不通过：{error} / This certificate does not verify.", markup=False)
        raise typer.Exit(EXIT_REFUSED) from None
    say(
        asdict(found),
        as_json=as_json,
        sentence=(
            "核验通过 / Verified\n" + "\n".join(f"  {name}: {value}" for name, value in asdict(found).items())
        ),
    )


def _document(file: Path) -> dict[str, Any]:
    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        read = dict(pairs)
        if len(read) != len(pairs):
            raise LedgerError("The certificate names something twice.")
        return read

    try:
        document = json.loads(file.read_text(encoding="utf-8"), object_pairs_hook=unique)
    except (ValueError, RecursionError):
        raise LedgerError("This is no certificate.") from None
    if not isinstance(document, dict):
        raise LedgerError("This is no certificate.")
    return document


def add_to(parent: typer.Typer) -> None:
    parent.command()(certificate)
    parent.command()(verify)
