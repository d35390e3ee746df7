"""`compliance retention` and `compliance hold`: what ends when, and what may not end yet."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Annotated

import typer

from compliance.cli.doors import EXIT_REFUSED, At, By, Json, Second, console, engine, say
from compliance.domain.policy import Pack
from compliance.services.retention import DueLine, RetentionPlan

app = typer.Typer(no_args_is_help=True, help="保存期限：预演、执行、暂停。Retention: plan, run, pause.")
hold_app = typer.Typer(
    no_args_is_help=True, help="依法保全：设立、解除、列出。Legal holds: place, release, list."
)


@app.command()
def plan(
    at: At = None,
    days: Annotated[int, typer.Option(help="How far ahead to look.", min=0, max=3660)] = 30,
    as_json: Json = False,
) -> None:
    """A dry run: what a sweep would erase now, and what falls due in the days after."""
    with engine(at) as opened:
        planned = opened.retention.plan(days=days)
        pack = opened.active_pack()
    if as_json:
        for line in (*planned.due, *planned.later):
            say({"due": line in planned.due, **asdict(line)}, as_json=True, sentence="")
        return
    console.print(in_words(planned, pack), markup=False)


def in_words(planned: RetentionPlan, pack: Pack) -> str:
    """The plan as sentences, Chinese first, in the time of the site: its days are what the periods count."""
    labels = {name: policy.label.zh for name, policy in pack.categories.items()}
    at = f"{planned.at.astimezone(pack.site.timezone):%Y-%m-%d %H:%M}"
    lines = [f"截至 {at} / As of {at} ({pack.site.timezone})"]
    if not planned.due:
        lines.append("没有到期的登记。/ Nothing is due.")
    lines += [f"现在删除：{_line(line, labels)}" for line in planned.due]
    lines += [f"将到期：{_line(line, labels)}" for line in planned.later]
    if planned.waiting:
        lines.append(
            f"{planned.waiting} 份超出预计，等待负责人确认。/ {planned.waiting} parts more than was forecast wait for the officer."
        )
    if planned.held:
        lines.append(
            f"{planned.held} 份依法保全，只存储和保护。/ {planned.held} parts are held: stored and protected only."
        )
    return "\n".join(lines)


def _line(line: DueLine, labels: dict[str, str]) -> str:
    label = labels.get(line.category, line.category)
    return (
        f"{label}登记 {line.parts} 份，保存到 {line.day} 止（规则第 {line.policy_version} 版）"
        f" / {line.parts} parts of {line.category}, kept to the end of {line.day} (policy version {line.policy_version})"
    )


@app.command()
def run(at: At = None, as_json: Json = False) -> None:
    """Sweep: erase what is due, read it again, destroy the keys of windows that are over."""
    with engine(at) as opened:
        opened.retention.forecast()
        swept = opened.retention.sweep()
    result = {
        **asdict(swept.disposed),
        "left": swept.left,
        "keys_destroyed": swept.keys_destroyed,
        "paused": swept.paused,
    }
    disposed = swept.disposed
    if swept.paused:
        say(result, as_json=as_json, sentence=f"删除已暂停：{swept.paused} / Disposal is paused.")
        raise typer.Exit(EXIT_REFUSED)
    say(
        result,
        as_json=as_json,
        sentence=(
            f"已删除 {disposed.erased_records} 条登记（{disposed.erased_parts} 份），复查剩余 {swept.left} 份；"
            f"保全 {disposed.restricted_parts} 份，待确认 {disposed.waiting_parts} 份，销毁密钥 {swept.keys_destroyed} 把。\n"
            f"Erased {disposed.erased_records} records ({disposed.erased_parts} parts), {swept.left} left on re-reading; "
            f"restricted {disposed.restricted_parts}, waiting {disposed.waiting_parts}, keys destroyed {swept.keys_destroyed}."
        ),
    )
    raise typer.Exit(EXIT_REFUSED if swept.left else 0)


@app.command()
def pause(by: By, why: Annotated[str, typer.Option(help="The reason, for the ledger.")]) -> None:
    """Stop all erasing until it is resumed."""
    with engine() as opened:
        opened.retention.pause(by, why)


@app.command()
def resume(by: By) -> None:
    """Go on erasing; who resumes vouches for the clock."""
    with engine() as opened:
        opened.retention.resume(by)


@app.command("release-excess")
def release_excess(by: By, why: Annotated[str, typer.Option(help="The reason, for the ledger.")]) -> None:
    """Let the parts that no forecast knew go with the next sweep."""
    with engine() as opened:
        released = opened.retention.release_excess(by, why)
    console.print(f"{released} 份将随下次执行删除。/ {released} parts go with the next run.", markup=False)


@hold_app.command()
def place(
    ground: Annotated[
        str,
        typer.Option(
            help="R8 (a named authority), R8b (a dispute of our own), or E85 (emergency data after an assessment)."
        ),
    ],
    document: Annotated[str, typer.Option(help="The document or case number.")],
    until: Annotated[str, typer.Option(help="The last day, as 2026-12-31.")],
    by: By,
    law: Annotated[str, typer.Option(help="The legal reference.")] = "",
    second: Second = "",
    category: Annotated[str, typer.Option(help="Only this category.")] = "",
    record: Annotated[str, typer.Option(help="Only this record.")] = "",
    at: At = None,
    as_json: Json = False,
) -> None:
    """Place a hold: what falls due under it is restricted instead of erased."""
    try:
        end = date.fromisoformat(until)
    except ValueError:
        raise typer.BadParameter("a day is written as 2026-12-31 · 日期请写成 2026-12-31") from None
    with engine(at) as opened:
        hold = opened.holds.place(
            ground=ground,
            document=document,
            law_ref=law,
            until=end,
            by=by,
            second=second,
            category=category,
            holding_id=record,
        )
    say({"hold": hold}, as_json=as_json, sentence=f"已设立保全 {hold} / Hold {hold} is placed.")


@hold_app.command()
def release(hold: str, by: By, at: At = None) -> None:
    """Release a hold; what it kept and is due goes with the next run."""
    with engine(at) as opened:
        opened.holds.release(hold, by)


@hold_app.command("list")
def list_holds(at: At = None, as_json: Json = False) -> None:
    """The holds that stand."""
    with engine(at) as opened:
        for hold in opened.holds.standing():
            scope = hold.holding_id or hold.category or hold.site
            say(
                hold._asdict(),
                as_json=as_json,
                sentence=f"{hold.id}  {hold.ground}  {scope}  至 {hold.until}  {hold.document}",
            )
