"""`compliance policy diff`, `plan`, `redate`, `explain`: what a change does, before and after it is made."""

from __future__ import annotations

import json
import sys
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Annotated, cast

import typer

from compliance.bootstrap import Engine
from compliance.cli.doors import At, By, Json, console, engine, say
from compliance.cli.explaining import explained
from compliance.cli.plan_words import difference_lines, plan_lines
from compliance.domain.difference import compare
from compliance.domain.policy import Pack
from compliance.notices.difference import change_slots, difference_html
from compliance.notices.renderer import Form, render
from compliance.policies.loader import load

Side = Annotated[str, typer.Argument(help="A pack's folder, or the number of a published version.")]
Folder = Annotated[Path, typer.Argument(help="The pack's folder.", exists=True, file_okay=False)]
Out = Annotated[Path | None, typer.Option("--out", help="Write to a file; default: standard output.")]
Lang = Annotated[str, typer.Option(help="zh or en.")]


def add_to(app: typer.Typer) -> None:
    for command in (diff, plan, redate, explain):
        app.command()(command)


def diff(
    old: Side,
    new: Side,
    form: Annotated[str, typer.Option("--format", help="text, json or html.")] = "text",
    notice: Annotated[str, typer.Option(help="Instead: the notice to the people of this category.")] = "",
    effective: Annotated[str, typer.Option(help="The day the notice names; default: today.")] = "",
    lang: Lang = "zh",
    out: Out = None,
    at: At = None,
) -> None:
    """What changes for people from one pack to another: each change narrows, widens or is neutral."""
    if form not in ("text", "json", "html") and not notice:
        raise typer.BadParameter("text, json or html")
    with ExitStack() as stack:
        opened: list[Engine] = []
        before, after = (_side(one, stack, opened, at) for one in (old, new))
    difference = compare(before, after)
    if notice:
        _put(_notice(after, notice, before, effective, lang, form), out)
    elif form == "html":
        _put(difference_html(before, after, difference, (old, new)), out)
    elif form == "json":
        _put((json.dumps(difference.as_json(), ensure_ascii=False) + "\n").encode(), out)
    else:
        _put(("\n".join(difference_lines(difference)) + "\n").encode(), out)


def _side(name: str, stack: ExitStack, opened: list[Engine], at: datetime | None) -> Pack:
    if not name.isascii() or not name.isdecimal():
        folder = Path(name)
        if not folder.is_dir():
            raise typer.BadParameter(f"{name}: no such folder, and no number of a version · 没有这个文件夹")
        return load(folder)
    if not opened:
        opened.append(stack.enter_context(engine(at)))
    with opened[0].books.reading() as books:
        if books.packs.version(int(name)) is None:
            raise typer.BadParameter(f"{name}: no such version · 没有这个版本")
        return opened[0].policies.version(books, int(name))


def _notice(after: Pack, category: str, before: Pack, effective: str, lang: str, form: str) -> bytes:
    if category not in after.categories:
        raise typer.BadParameter("no such category · 没有这一类别")
    with engine() as opened:
        today = after.site.day_of(opened.clock.now()).isoformat()
    slots = change_slots(
        after,
        category,
        compare(before, after),
        lang=lang,
        effective_on=effective or today,
        now_day=today,
    )
    as_form = {"text": "txt", "json": "txt"}.get(form, form)
    return render("change", lang=lang, slots=slots, form=cast("Form", as_form))


def plan(pack: Folder, at: At = None, as_json: Json = False) -> None:
    """What a pack would do to the records that exist, counted. Nothing is touched."""
    checked = load(pack)
    with engine(at) as opened:
        planned = opened.planning.plan(checked)
    if as_json:
        sys.stdout.write(json.dumps(planned.as_json(), ensure_ascii=False) + "\n")
    else:
        console.print("\n".join(plan_lines(planned, checked)), markup=False)


def redate(
    version: Annotated[int, typer.Argument(help="The published version whose shorter periods are applied.")],
    by: By,
    at: At = None,
    as_json: Json = False,
) -> None:
    """Apply a version's shorter periods to the records of earlier versions: sealed, never longer, safe to repeat."""
    with engine(at) as opened:
        done = opened.publishing.redate(version, by)
    say(
        {"version": done.version, "parts": done.parts, "records": done.records},
        as_json=as_json,
        sentence=f"已按第 {version} 版提前 {done.parts} 份（{done.records} 条记录）的到期日。"
        f" {done.parts} parts of {done.records} records now end sooner.",
    )


def explain(
    category: Annotated[str, typer.Argument(help="The category.")],
    field: Annotated[str, typer.Argument(help="One of its fields, or one that it refuses.")] = "",
    policies: Annotated[
        Path | None, typer.Option(help="A pack's folder; default: the policy in force.", exists=True)
    ] = None,
    lang: Lang = "zh",
    at: At = None,
) -> None:
    """Why a field may be collected, on what basis, for how long, who reads it; or why it is refused."""
    if policies is not None:
        pack: Pack = load(policies)
    else:
        with engine(at) as opened:
            pack = opened.active_pack()
    if category not in pack.categories:
        raise typer.BadParameter("no such category · 没有这一类别")
    console.print("\n".join(explained(pack, category, field, lang)), markup=False)


def _put(content: bytes, out: Path | None) -> None:
    if out is None:
        sys.stdout.buffer.write(content)
    else:
        out.write_bytes(content)
