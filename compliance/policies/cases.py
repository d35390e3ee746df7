"""The cases at the foot of a policy: what is handed in, or what happened, and the verdict with its exact reasons.

A case names what it is about; the rest is filled in: required fields with fictional values that fit, notice and consent
as if they had been given. Nothing is stored and no clock is read: a case happens at the moment it names.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from compliance.domain.collection import Admitted, Circumstances, Refused, admit
from compliance.domain.emergency import Opening, is_of_emergency, widened
from compliance.domain.policy import CategoryPolicy, FieldRule, Pack
from compliance.domain.reasons import Reason
from compliance.domain.schedule import Retention
from compliance.domain.submission import ConsentGiven, NoticeGiven, Submission
from compliance.domain.vocabulary import Channel, ConsentAct, ConsentKind, Fate, FieldType, NoticeMode
from compliance.policies.drafts import CaseDraft
from compliance.policies.instruments import INSTRUMENTS
from compliance.policies.loader import LoadedPack
from compliance.policies.schema import CollectionCase, RetentionCase

# The moment of a case that names none. Any would do, as long as it is always the same one.
USUALLY = "2026-03-01T10:00:00"
_NOTICE = "case-notice"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseOutcome:
    """One case, what it expected and what came out. Both are words: a verdict, then its reasons in order."""

    case: CaseDraft
    expected: tuple[str, ...]
    got: tuple[str, ...]

    @property
    def passed(self) -> bool:
        return self.expected == self.got

    def as_json(self) -> dict[str, object]:
        return {
            "category": self.case.category,
            "case": self.case.title,
            "file": self.case.file,
            "line": self.case.line,
            "passed": self.passed,
            "expected": list(self.expected),
            "got": list(self.got),
        }


def run_cases(pack: LoadedPack) -> tuple[CaseOutcome, ...]:
    """Run every case of a pack, in the order of its files."""
    return tuple(_run(pack, draft) for draft in pack.cases)


def _run(pack: LoadedPack, draft: CaseDraft) -> CaseOutcome:
    case = draft.case
    if isinstance(case, RetentionCase):
        got = remains(pack.categories[draft.category], case, pack.site.timezone)
        return CaseOutcome(case=draft, expected=(case.expect,), got=(got,))
    expected = (case.expect, *sorted(case.because))
    return CaseOutcome(case=draft, expected=expected, got=_verdict(pack, draft.category, case))


def _verdict(pack: LoadedPack, category: str, case: CollectionCase) -> tuple[str, ...]:
    at = case.at or datetime.fromisoformat(USUALLY).replace(tzinfo=pack.site.timezone)
    judged = _in_an_emergency(pack, case.emergency, at)
    policy = judged.categories[category]
    submission = _submission(policy, pack.site.name, case, at)
    around = Circumstances(
        pack=judged,
        now=at + timedelta(seconds=1),
        tools=INSTRUMENTS,
        notice_version=lambda notice, _: policy.version if notice == _NOTICE else None,
        take_as_given=case.notice and case.consent is True,
    )
    verdict = admit(submission, around)
    word, reasons = _word(verdict, case)
    return (
        word,
        *sorted(f"{one.code.value}:{one.field}" if one.field else one.code.value for one in reasons),
    )


def _in_an_emergency(pack: LoadedPack, profile: str | None, at: datetime) -> Pack:
    if profile is None:
        return pack
    opening = Opening(
        id="case", profile=profile, opened_at=at - timedelta(days=1), ends_at=at + timedelta(days=1)
    )
    return widened(pack, [opening], at)


def _word(verdict: Admitted | Refused, case: CollectionCase) -> tuple[str, tuple[Reason, ...]]:
    """The verdict in the words of a case. Flags are only looked at where the case is about them."""
    if isinstance(verdict, Refused):
        return "refused", verdict.reasons
    if verdict.word == "admitted" and verdict.flagged and case.expect == "flagged":
        return "flagged", verdict.flagged
    return verdict.word, verdict.stripped


def _submission(policy: CategoryPolicy, site: str, case: CollectionCase, at: datetime) -> Submission:
    channel = case.channel or policy.channels[0]
    named = case.submit.keys() | case.declined.keys()
    filled = {
        name: fitting(rule, at)
        for name, rule in policy.fields.items()
        if rule.required and name not in named and (not rule.channels or channel in rule.channels)
    }
    fields = {**filled, **case.submit}
    given = case.notice and case.consent is True
    return Submission(
        category=policy.category,
        channel=channel,
        site=site,
        collected_at=at,
        fields=fields,
        declined=case.declined,
        notice=None if given or not case.notice else _notice(channel),
        consent=() if given else _consents(policy, case, fields),
    )


def _notice(channel: Channel) -> NoticeGiven:
    if not channel.has_person:
        return NoticeGiven(mode=NoticeMode.POSTED)
    if channel is Channel.PHONE:
        return NoticeGiven(mode=NoticeMode.ORAL, by="staff-1")
    return NoticeGiven(mode=NoticeMode.SCREEN, id=_NOTICE)


def _consents(
    policy: CategoryPolicy, case: CollectionCase, fields: Mapping[str, object]
) -> tuple[ConsentGiven, ...]:
    """All consents, none, or those that the case lists; each sensitive field by an act of its own (PIPL 29)."""
    asked = [rule for name, rule in policy.fields.items() if name in fields or rule.auto]
    if isinstance(case.consent, list):
        asked = [policy.fields[name] for name in case.consent if name in policy.fields]
    elif not case.consent or not case.notice:
        return ()
    separate = [rule.name for rule in asked if rule.needs_separate_consent]
    plain = tuple(rule.name for rule in asked if not rule.needs_separate_consent)
    acts: list[tuple[ConsentKind, tuple[str, ...]]] = [(ConsentKind.SEPARATE, (name,)) for name in separate]
    acts += [(ConsentKind.PLAIN, plain)] if plain else []
    act = ConsentAct.SPOKEN if case.channel is Channel.PHONE else ConsentAct.SIGN
    return tuple(ConsentGiven(kind=kind, by="self", act=act, covers=covers) for kind, covers in acts)


def fitting(rule: FieldRule, at: datetime) -> object:
    """A fictional value that the field admits (numbers are of ranges that nobody was ever given)."""
    samples: dict[FieldType, object] = {
        FieldType.PERSON_NAME: "李女士",
        FieldType.MOBILE: "19400000001",
        FieldType.PLATE: "京A00000",
        FieldType.ROOM: "3-2-501",
        FieldType.CODE: rule.values[0] if rule.values else "",
        FieldType.COUNT: 1,
        FieldType.TIME: at.isoformat(),
        FieldType.VERIFICATION: {
            "type": rule.values[0] if rule.values else "resident_id",
            "result": "pass",
            "time": at.isoformat(),
            "by": "staff-1",
        },
        FieldType.TEXT: "示例"[: rule.longest],
        FieldType.ATTACHMENT: {"ref": "sample-0001", "media_type": "image/jpeg"},
    }
    return samples[rule.type]


def remains(policy: CategoryPolicy, case: RetentionCase, zone: ZoneInfo) -> str:
    """What there is of a record, or of one field, at the instant of a retention case.

    A record is `kept` while anything of it can be read, `restricted` while something is stored at all, and then gone.
    """
    facts = dict(case.facts)
    if case.left is not None:
        facts.setdefault(_usual_start(policy), case.left)
    if case.collected_at is not None:
        facts.setdefault("collected_at", case.collected_at)
    if case.field is not None:
        brought = {rule.name: rule for rules in policy.emergency.values() for rule in rules}
        rule = policy.fields.get(case.field) or brought.get(case.field)
        return (
            _outcome(replace(rule.retention, until=case.over), facts, case.on, zone)
            if rule
            else f"unknown field {case.field}"
        )
    outcomes = [
        _outcome(retention, facts, case.on, zone)
        for retention in policy.retentions
        if not is_of_emergency(retention)
    ]
    ranked = ("kept", "restricted", "anonymised", "erased")
    return min(outcomes, key=ranked.index)


def _usual_start(policy: CategoryPolicy) -> str:
    """The time field that most of the category's fields count from: what ``left`` stands for."""
    counted = Counter(rule.retention.starts.field for rule in policy.fields.values())
    return counted.most_common(1)[0][0]


def _outcome(retention: Retention, facts: Mapping[str, datetime], on: datetime, zone: ZoneInfo) -> str:
    due = retention.due(dict(facts), zone)
    if due is None or on < due.readable_until:
        return "kept"  # a period with no trigger fact has not started
    if on < due.erase_at:
        return "restricted"
    return "anonymised" if retention.then == Fate.ANONYMISE.value else "erased"
