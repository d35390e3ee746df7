"""What makes a notice shown and a consent evidence (PIPL 14, 17, 29; requirements 0.3a.1).

A consent is evidence only with the id that was issued when the notice was shown, or the staff id that read it out.
A machine that stamps consents fabricates evidence: channels without a person, and batches, cannot carry any.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from compliance.domain.policy import CategoryPolicy, FieldRule
from compliance.domain.reasons import Reason, reason
from compliance.domain.submission import ConsentGiven, NoticeGiven, Submission
from compliance.domain.vocabulary import (
    BasisProfile,
    Channel,
    ConsentAct,
    ConsentKind,
    Door,
    NoticeMode,
    ReasonCode,
)

# Who can be shown what: a screen shows and issues an id; a guard reads out; a camera lane has only its sign.
_NOTICE_MODES = {
    Channel.DESK: {NoticeMode.SCREEN, NoticeMode.ORAL},
    Channel.PHONE: {NoticeMode.ORAL},
    Channel.KIOSK: {NoticeMode.SCREEN},
    Channel.MINIAPP: {NoticeMode.SCREEN},
    Channel.LPR: {NoticeMode.POSTED},
    Channel.ACCESS: {NoticeMode.POSTED, NoticeMode.SCREEN},
}


def notice_faults(
    submission: Submission,
    policy: CategoryPolicy,
    notice_version: Callable[[str, str], int | None],
    *,
    take_as_given: bool,
) -> list[Reason]:
    """Whether the notice of this category and version reached the person before the record (PIPL 17(1))."""
    notice = submission.notice
    if notice is None and take_as_given and not submission.consent:
        return []
    if notice is None or not _notice_fits(notice, submission):
        return [reason(ReasonCode.NO_NOTICE)]
    if notice.mode is NoticeMode.SCREEN:
        version = notice_version(notice.id or "", policy.category)
        if version is None:
            return [reason(ReasonCode.NO_NOTICE)]
        if version != policy.version:
            return [reason(ReasonCode.RECONSENT_REQUIRED)]
    return []


def _notice_fits(notice: NoticeGiven, submission: Submission) -> bool:
    modes = _NOTICE_MODES[submission.channel]
    if submission.door is Door.BATCH:
        # A batch was collected elsewhere: what stood there is a sign or a person, and is named as such.
        modes = modes | {NoticeMode.POSTED}
    if notice.mode not in modes:
        return False
    return notice.mode is not NoticeMode.ORAL or notice.by is not None


def consent_faults(
    submission: Submission, given: Sequence[FieldRule], profile: BasisProfile, *, take_as_given: bool
) -> list[Reason]:
    """Missing and impossible consents for the fields that were given."""
    plain = [rule for rule in given if rule.needs_consent(profile) and not rule.needs_separate_consent]
    separate = [rule for rule in given if rule.needs_separate_consent]
    bears_consent = submission.channel.has_person and submission.door is Door.SINGLE
    if submission.consent and (
        not bears_consent or any(_impossible(act, submission) for act in submission.consent)
    ):
        return [reason(ReasonCode.NO_CONSENT, say=_FABRICATED)]
    if (
        take_as_given
        and not submission.consent
        and submission.notice is None
        and submission.channel.has_person
    ):
        return []
    covered = {name for act in submission.consent if act.kind is ConsentKind.PLAIN for name in act.covers}
    blanket = any(act.kind is ConsentKind.PLAIN and not act.covers for act in submission.consent)
    singly = {act.covers[0] for act in submission.consent if _is_separate(act)}
    covered |= singly  # who consented to a field by an act of its own consented to it
    faults: list[Reason] = []
    uncovered = [rule for rule in plain if not blanket and rule.name not in covered]
    if uncovered and len(uncovered) == len(plain):
        labels = (
            "、".join(rule.label.zh for rule in plain),
            ", ".join(rule.label.en or rule.name for rule in plain),
        )
        faults.append(reason(ReasonCode.NO_CONSENT, label=labels))
    else:
        faults += [_no_consent(rule) for rule in uncovered]
    return faults + [_no_consent(rule) for rule in separate if rule.name not in singly]


_FABRICATED = (
    "这种方式不能代替本人表示同意，请不要由设备或导入程序填写同意。",
    "This way cannot carry a person's consent: a device or an import may not state one.",
)


def _is_separate(act: ConsentGiven) -> bool:
    return (
        act.kind in (ConsentKind.SEPARATE, ConsentKind.WRITTEN, ConsentKind.GUARDIAN) and len(act.covers) == 1
    )


def _impossible(act: ConsentGiven, submission: Submission) -> bool:
    notice = submission.notice
    if notice is None or notice.mode is NoticeMode.POSTED:
        return True  # a poster is notice, not consent (PIPL 14)
    if act.kind is ConsentKind.SEPARATE and len(act.covers) != 1:
        return True  # one sensitive kind an act, never bundled (PIPL 29)
    if act.act is ConsentAct.TAP and notice.mode is not NoticeMode.SCREEN:
        return True  # nothing was on a screen that could have been tapped
    if act.act is ConsentAct.SPOKEN and notice.by is None:
        return True  # somebody must have heard it
    return act.kind is ConsentKind.GUARDIAN and act.by != "guardian"


def _no_consent(rule: FieldRule) -> Reason:
    own = rule.say.get(ReasonCode.NO_CONSENT.value)
    return reason(
        ReasonCode.NO_CONSENT,
        rule.name,
        article="PIPL 29" if rule.needs_separate_consent else None,
        label=(rule.label.zh, rule.label.en or rule.name),
        say=(own.zh, own.en) if own else None,
    )
