"""Rules that look at a whole pack: impact assessments, and what a place wants reported."""

from __future__ import annotations

from collections.abc import Iterator

from compliance.domain.assessment import causes, scope_hash
from compliance.domain.policy import Pack
from compliance.policies import build
from compliance.policies.drafts import WholeDraft
from compliance.policies.fault import Severity
from compliance.policies.lint.days import years_after
from compliance.policies.lint.rule import Rule, Spot, rule
from compliance.policies.overlays import applying
from compliance.policies.site_schema import AssessmentFile

USUAL_YEARS, MOST_YEARS = 1, 3  # when an assessment is looked at again: an engine choice


def _refused(pia: AssessmentFile | None) -> bool:
    """Whether the site names an assessment that is none. Where it names none, publishing asks the books for one."""
    return pia is not None and (pia.status != "approved" or pia.approved_on is None)


@rule(
    "L-042",
    "人脸办法 4, 9, PIPL 55",
    zh="处理人脸信息前须完成影响评估：“{x}”",
    en="Face data need an impact assessment first: {x}",
    instead="site.yaml → pia: {id: …, status: approved, approved_on: …, scope_hash: …}",
)
def a_face_is_assessed_first(draft: WholeDraft) -> Iterator[Spot]:
    for category in draft.categories:
        for name, field in category.fields.items():
            if field.face is not None and _refused(draft.site.file.pia):
                yield Spot(path=("fields", name), words={"x": field.label.zh}, source=category.source)


@rule(
    "L-050",
    "PIPL 55, 24(3)",
    zh="自动拒绝通行须评估并提供人工复核",
    en="Automated denial needs an impact assessment and a person who looks again",
    instead="automated_denial: {human_review: true}，并完成 pia / and an approved pia",
)
def a_machine_does_not_have_the_last_word(draft: WholeDraft) -> Iterator[Spot]:
    denial = draft.site.file.automated_denial
    if denial is not None and (not denial.human_review or _refused(draft.site.file.pia)):
        yield Spot(path=("automated_denial",))


@rule(
    "L-051",
    "PIPL 55",
    zh="缺少有效的影响评估，须评估：{x}",
    en="There is no valid impact assessment of: {x}",
    instead="pia: {id: …, status: approved, approved_on: …, by: …, scope_hash: {hash}}",
)
def what_needs_assessing_is_assessed(draft: WholeDraft) -> Iterator[Spot]:
    pia = draft.site.file.pia
    if pia is None:
        return
    pack = _built(draft)
    if causes(pack) and (_refused(pia) or pia.scope_hash != scope_hash(pack)):
        things = "、".join(dict.fromkeys(cause.zh for cause in causes(pack)))
        yield Spot(path=("pia", "scope_hash"), words={"hash": scope_hash(pack), "x": things})


def _built(draft: WholeDraft) -> Pack:
    """As much of the pack as could be read, as values. An unknown timezone is F-10's business: no scope looks at it."""
    site = build.site(draft.site.file.model_copy(update={"timezone": "UTC"}))
    profiles = draft.site.file.emergencies
    built = [
        build.category(one.head, one.fields, 0, one.emergency, profiles)
        for one in draft.categories
        if one.head is not None
    ]
    return Pack(name="", digest="", site=site, categories={one.category: one for one in built}, never={})


@rule(
    "L-052",
    "E",
    zh="影响评估应在{n}前复评，或批准后发生过事件，需要重新评估",
    en="The impact assessment was to be looked at by {n}, or something has happened since: assess again",
    instead="重新评估后更新 approved_on / assess again, then change approved_on",
    severity=Severity.WARNING,
)
def an_assessment_is_looked_at_again(draft: WholeDraft) -> Iterator[Spot]:
    pia = draft.site.file.pia
    if pia is None or pia.approved_on is None:
        return
    latest = years_after(pia.approved_on, MOST_YEARS)
    due = min(pia.review_by, latest) if pia.review_by else years_after(pia.approved_on, USUAL_YEARS)
    since = pia.incident_on is not None and pia.incident_on >= pia.approved_on
    if since or (draft.site.day is not None and draft.site.day >= due):
        yield Spot(path=("pia", "incident_on" if since else "approved_on"), words={"n": due.isoformat()})


@rule(
    "L-083",
    "{law}",
    zh="{place}：须在{n}个工作日内报送，缺任务 {x}",
    en="{place_en}: to be reported within {n} working days; the task {x} is missing",
    instead="tasks: [{x}]",
    severity=Severity.WARNING,
)
def what_the_place_wants_reported_is_a_task(draft: WholeDraft) -> Iterator[Spot]:
    for overlay in applying(draft.site.file.jurisdictions):
        for report in overlay.reports:
            for category in draft.categories:
                tasks = category.head.tasks if category.head else []
                if category.category == report.category and report.task not in tasks:
                    words = {"x": report.task, "n": str(report.working_days), "law": report.article}
                    words |= {"place": overlay.label.zh, "place_en": overlay.label.en}
                    yield Spot(path=("category",), words=words, source=category.source)


RULES: tuple[Rule[WholeDraft], ...] = (
    a_face_is_assessed_first,
    a_machine_does_not_have_the_last_word,
    what_needs_assessing_is_assessed,
    an_assessment_is_looked_at_again,
    what_the_place_wants_reported_is_a_task,
)
