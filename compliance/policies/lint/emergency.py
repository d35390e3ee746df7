"""Rules about emergencies (PIPL 13(1)(4), 突发事件应对法 84, 85): declared, bounded, apart from every day, and destroyed."""

from __future__ import annotations

from collections.abc import Iterator

from compliance.domain.vocabulary import Basis
from compliance.policies.build import basis_by_subject
from compliance.policies.drafts import CategoryDraft, FieldDraft, SiteDraft, WholeDraft
from compliance.policies.lint.rule import Rule, Spot, rule

LONGEST_DAYS = 30  # an engine choice: a longer emergency is opened again, by a person who looks at it again
DECLARED = (
    "site.yaml → emergencies: {epidemic: {label: …, longest: 30d}}；字段写在 emergency: {epidemic: {…}} 下"
)


@rule(
    "L-023",
    "PIPL 13(1)(4), 突发事件应对法 84, 85",
    zh="“{field}”以应急处置为依据，须绑定已启动的事件、结束时间和销毁期限：写在类别的 emergency 下，不能是日常字段",
    en="{field} rests on an emergency: it needs an active event, an end and its destruction, and stands under emergency",
    instead=DECLARED,
)
def an_emergency_has_an_end(draft: FieldDraft) -> Iterator[Spot]:
    bases = set(basis_by_subject(draft.field).values())
    every_day = not draft.emergency and Basis.EMERGENCY in bases
    if every_day or (draft.emergency and bases != {Basis.EMERGENCY}):
        yield Spot(path=(*draft.path, "basis"))


@rule(
    "F-18",
    "E",
    zh="应急字段“{field}”的保存期限就是应急期间，结束即销毁，不能另定；名称也不能与日常字段相同",
    en="{field} is kept while the emergency is open and is destroyed with it: no period, and no everyday name, of its own",
    instead="删去 retention，或换一个名称 / take retention out, or name it otherwise",
)
def what_an_emergency_brings_ends_with_it(draft: FieldDraft) -> Iterator[Spot]:
    if not draft.emergency:
        return
    if draft.field.retention is not None:
        yield Spot(path=(*draft.path, "retention"))
    elsewhere = [name for profile, name in _names(draft.category) if profile != draft.emergency]
    if draft.name in (*draft.category.written, *elsewhere):
        yield Spot(path=draft.path)


def _names(category: CategoryDraft) -> Iterator[tuple[str, str]]:
    for profile, fields in category.emergency.items():
        for name in fields:
            yield profile, name


@rule(
    "F-19",
    "E",
    zh="没有申报这类应急：site.yaml 的 emergencies 中没有“{x}”",
    en="site.yaml declares no emergency {x}",
    instead=DECLARED,
)
def an_emergency_is_declared(draft: WholeDraft) -> Iterator[Spot]:
    for category in draft.categories:
        for profile in category.emergency:
            if profile not in draft.site.file.emergencies:
                yield Spot(path=("emergency", profile), words={"x": profile}, source=category.source)


@rule(
    "F-20",
    "E",
    zh="一次应急最长{n}天；仍有需要的，由负责人重新启动",
    en="An emergency is open for {n} days at most; where it goes on, a person opens it again",
    instead="longest: {n}d",
)
def an_emergency_is_bounded(draft: SiteDraft) -> Iterator[Spot]:
    for name, written in draft.file.emergencies.items():
        if written.longest.longest_days > LONGEST_DAYS:
            yield Spot(path=("emergencies", name, "longest"), words={"n": str(LONGEST_DAYS)})


SITE_RULES: tuple[Rule[SiteDraft], ...] = (an_emergency_is_bounded,)
FIELD_RULES: tuple[Rule[FieldDraft], ...] = (an_emergency_has_an_end, what_an_emergency_brings_ends_with_it)
PACK_RULES: tuple[Rule[WholeDraft], ...] = (an_emergency_is_declared,)
