"""`compliance policy assess`: the impact assessment that a pack needs before it can be published (PIPL 55, 56)."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, cast

import typer

from compliance.cli.doors import At, console, engine, stderr
from compliance.domain.assessment import Assessment, AssessmentState, causes
from compliance.notices.assessments import assessment_document, assessment_json
from compliance.notices.renderer import Form
from compliance.policies.loader import load

Own = typer.Option(help="In your own words, 10 characters at least.", show_default=False)


def add_to(app: typer.Typer) -> None:
    app.command("assess")(assess)


def assess(
    pack: Annotated[Path, typer.Argument(help="The pack's folder.", exists=True, file_okay=False)],
    by: Annotated[str, typer.Option(help="The opaque staff id of who assesses or approves.")] = "",
    lawfulness: Annotated[str, Own] = "",
    effect: Annotated[str, Own] = "",
    measures: Annotated[str, Own] = "",
    opinion: Annotated[str, Own] = "",
    approve: Annotated[
        bool, typer.Option("--approve", help="Approve it: sealed, and never changed again.")
    ] = False,
    form: Annotated[str, typer.Option("--format", help="Print it: html, pdf, txt or json.")] = "",
    lang: Annotated[str, typer.Option(help="zh or en.")] = "zh",
    out: Annotated[
        Path | None, typer.Option("--out", help="Write it to a file; default: standard output.")
    ] = None,
    at: At = None,
) -> None:
    """The impact assessment of a pack: what calls for it, drafted from the policy, said in your words, approved."""
    if form not in ("", "html", "pdf", "txt", "json") or lang not in ("zh", "en"):
        raise typer.BadParameter("html, pdf, txt or json; zh or en")
    checked = load(pack)
    if not causes(checked):
        stderr.print("这套规则不需要影响评估。 Nothing here needs an assessment.", markup=False)
        return
    words = {"lawfulness": lawfulness, "effect": effect, "measures": measures, "opinion": opinion}
    said = any(words.values())
    with engine(at) as opened:
        found = opened.assessments.of(checked)
        if found is None or (said and not approve) or (said and found.state is AssessmentState.DRAFT):
            if not by:
                raise typer.BadParameter("--by says who assesses · 请用 --by 写明评估人")
            found = opened.assessments.draft(
                checked, found.owner if found and found.state is AssessmentState.DRAFT else by, words
            )
        if approve:
            if not by:
                raise typer.BadParameter("--by says who approves · 请用 --by 写明批准人")
            found = opened.assessments.approve(found.id, by)
    _show(found, form, lang, out)


def _show(one: Assessment, form: str, lang: str, out: Path | None) -> None:
    if form:
        content = (
            assessment_json(one)
            if form == "json"
            else assessment_document(one, lang=lang, form=cast("Form", form))
        )
        if out is None:
            sys.stdout.buffer.write(content)
        else:
            out.write_bytes(content)
        return
    for article, zh, en in one.causes:
        console.print(f"{article}  {zh}  {en}", markup=False)
    if one.state is AssessmentState.APPROVED:
        sentence = f"已批准（{one.approved_by}，{one.approved_on}），复评 {one.review_on}。 Approved. {one.id} {one.scope_hash[:16]}"
    elif one.unsaid:
        sentence = f"草稿，还要写：{', '.join(one.unsaid)}。 Draft, still to say: the same. {one.id}"
    else:
        sentence = f"草稿已写全，可以批准（--approve）。 Complete, to be approved. {one.id}"
    console.print(sentence, markup=False)
