"""A plan of change in sentences, Chinese first."""

from __future__ import annotations

from collections.abc import Iterator

from compliance.domain.difference import Difference, Direction
from compliance.domain.policy import Pack
from compliance.services.planning import ChangePlan

_MARK = {Direction.NARROWS: "−", Direction.WIDENS: "+", Direction.NEUTRAL: "·"}
HOW = (
    "计算方法：账本只记到期时间，不记起算时间；新到期日由原到期日倒推起算日再加新期限，推不准的取较晚的一天。只会提前，不会延后。\n"
    "How: our books hold due days only, so the start is counted back from them, and the later day is taken where several fit. "
    "Nothing is ever moved to a later day."
)


def difference_lines(difference: Difference) -> Iterator[str]:
    for change in difference.changes:
        yield f"{_MARK[change.direction]} {change.direction.zh} {change.direction.value:<7}  {change.zh}"
        yield f"    {change.en}"
    if not difference.changes:
        yield "没有变更。 Nothing changes."
        return
    counted = difference.counted()
    zh = "，".join(f"{one.zh}{n}项" for one, n in counted.items())
    yield f"{zh} / " + ", ".join(f"{n} {one.value}" for one, n in counted.items())


def plan_lines(plan: ChangePlan, pack: Pack) -> Iterator[str]:
    def label(category: str) -> str:
        policy = pack.categories.get(category)
        return f"{policy.label.zh}（{category}）" if policy else category

    yield from difference_lines(plan.difference)
    yield ""
    for line in plan.due_now:
        yield (
            f"{line.site} {label(line.category)}：{line.parts}份立即到期（原定{line.from_day}）"
            f" / {line.parts} parts fall due at once, promised until {line.from_day}"
        )
    for line in plan.sooner:
        yield (
            f"{line.site} {label(line.category)}：{line.parts}份由{line.from_day}提前到{line.to_day}"
            f" / {line.parts} parts move from {line.from_day} to {line.to_day}"
        )
    for stay in plan.stays:
        yield (
            f"{stay.site} {label(stay.category)} 第{stay.policy_version}版：{stay.parts}份按原承诺到期，{stay.why.zh}"
            f" / {stay.parts} parts keep their promise: {stay.why.en}"
        )
    for asked in plan.consents:
        names = "、".join(asked.fields)
        yield (
            f"{asked.site} {label(asked.category)}：{asked.consents}份{asked.kind}同意须重新征得（{names}）"
            f" / {asked.consents} {asked.kind} consents to be asked again"
        )
    for notice in plan.notices:
        yield (
            f"{label(notice.category)}：告知书有{notice.changes}处变更（{notice.direction.zh}）"
            f" / its notice changes in {notice.changes} places ({notice.direction.value})"
        )
    if plan.moved_parts:
        yield HOW
    if plan.needs_second:
        yield "有放宽的内容：发布须加 --second 另一名具名人员。 It widens: publish with --second."
    yield "以上只是计划，什么都没有改动。 This is a plan: nothing was touched."
