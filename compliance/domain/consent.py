"""What makes a notice shown and a consent evidence (PIPL 14, 17, 29; requirements 0.3a.1).

A consent is evidence only with the id that was issued when the notice was shown, or the staff id that read it out.
A machine that stamps consents fabricates evidence: channels without a person, and batches, cannot carry any.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from compliance.domain.agreement import LivingConsent, Reliance, askable, relied_on, stale
from compliance.domain.change import Difference
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
    changes_since: Callable[[int], Difference | None],
    given: Collection[str],
    *,
    take_as_given: bool,
) -> list[Reason]:
    """Whether the notice of this category reached the person before the record (PIPL 17(1)).

    One of an earlier version does, as long as nothing is wider now than what it said (PIPL 14(2)).
    """
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
            return stale(changes_since(version), policy, given, submission.channel)
    return []


def _notice_fits(notice: NoticeGiven, submission: Submission) -> bool:
    modes = _NOTICE_MODES[submission.channel]
    if submission.door is Door.BATCH:
        # A batch was collected elsewhere: what stood there is a sign or a person, and is named as such.
        modes = modes | {NoticeMode.POSTED}
    if notice.mode not in modes:
        return False
    return notice.mode is not NoticeMode.ORAL or notice.by is not None


def shown_version(submission: Submission, notice_version: Callable[[str, str], int | None]) -> int | None:
    """The version of the notice that a consent on a screen was given to; None where it was given otherwise."""
    notice = submission.notice
    if notice is None or notice.id is None or notice.mode is not NoticeMode.SCREEN or not submission.consent:
        return None
    return notice_version(notice.id, submission.category)


def earlier_consents(
    submission: Submission,
    policy: CategoryPolicy,
    values: Mapping[str, object],
    profile: BasisProfile,
    consents_of: Callable[[str], tuple[LivingConsent, ...]],
    changes_since: Callable[[int], Difference | None],
) -> tuple[Reliance, ...]:
    """What the holder of the pass consented to before covers of these fields (requirements 0.3a.1)."""
    if submission.pass_code is None or policy.exempt:
        return ()
    rules = [policy.fields[name] for name in values if askable(policy.fields[name], profile)]
    living = consents_of(submission.pass_code)
    since = {one.policy_version: changes_since(one.policy_version) for one in living}
    relied = relied_on(rules, policy, submission.channel, living, since)
    if not relied:
        return ()
    # What may follow (an exit) was told of and agreed to as well, and rests on the same consent when it comes.
    later = [rule for rule in policy.fields.values() if rule.amendable and askable(rule, profile)]
    rules += [rule for rule in later if rule.name not in values]
    return relied_on(rules, policy, submission.channel, living, since)


def consent_faults(
    submission: Submission,
    given: Sequence[FieldRule],
    policy: CategoryPolicy,
    profile: BasisProfile,
    *,
    by_pass: Sequence[Reliance] = (),
    take_as_given: bool,
) -> list[Reason]:
    """Missing and impossible consents for the fields that were given.

    `by_pass` is what the holder of the pass that the submission refers to consented to before.
    """
    relied = {name for one in by_pass for name in one.covers}
    given = [rule for rule in given if rule.name not in relied] if relied else given
    singled = policy.children  # of a child everything is sensitive: one act for each field (PIPL 28, 29)
    plain = [
        rule for rule in given if rule.needs_consent(profile) and not (singled or rule.needs_separate_consent)
    ]
    separate = [
        rule for rule in given if rule.needs_separate_consent or (singled and rule.needs_consent(profile))
    ]
    stated = _wrongly_stated(submission, policy)
    if stated is not None:
        return [stated]
    if submission.pass_code is not None and not relied and (plain or separate) and not submission.consent:
        if take_as_given:
            return []
        return [reason(ReasonCode.NO_CONSENT, "pass", say=NO_SUCH_PASS)]
    if (
        take_as_given
        and not submission.consent
        and submission.notice is None
        and submission.channel.has_person
    ):
        return []
    covered = {name for act in submission.consent if act.kind is ConsentKind.PLAIN for name in act.covers}
    blanket = any(act.kind is ConsentKind.PLAIN and not act.covers for act in submission.consent)
    singly = {
        act.covers[0]
        for act in submission.consent
        if _is_separate(act) and (not policy.children or act.kind is ConsentKind.GUARDIAN)
    }
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
        faults += [_no_consent(rule, policy) for rule in uncovered]
    return faults + [_no_consent(rule, policy) for rule in separate if rule.name not in singly]


def _wrongly_stated(submission: Submission, policy: CategoryPolicy) -> Reason | None:
    """Why consents that are stated cannot be: no person was there who could refuse, or not the one who may consent."""
    if not submission.consent:
        return None
    bears_consent = submission.channel.has_person and submission.door is Door.SINGLE
    if not bears_consent or any(_impossible(act, submission) for act in submission.consent):
        return reason(ReasonCode.NO_CONSENT, say=_FABRICATED)
    if any((act.by == "guardian") is not policy.children for act in submission.consent):
        say = _GUARDIAN_ONLY if policy.children else NO_CHILDREN
        return reason(ReasonCode.NO_CONSENT, say=say, article="PIPL 31")
    return None


_FABRICATED = (
    "这种方式不能代替本人表示同意，请不要由设备或导入程序填写同意。",
    "This way cannot carry a person's consent: a device or an import may not state one.",
)
NO_CHILDREN = (
    "这一类登记不登记不满十四周岁的小朋友，请只填随行人数。",
    "This register does not hold children under fourteen: give only how many come along.",
)
_GUARDIAN_ONLY = (
    "小朋友的信息须由父母或其他监护人逐项同意；不同意的，只填人数即可。",
    "A parent or other guardian consents to each item about a child; without that, give only the number.",
)
NO_SUCH_PASS = (
    "这个通行码没有有效的同意（可能已撤回或已到期），请当面征得同意，或只登记无须同意的项。",
    "No consent stands behind this pass (withdrawn, or over): ask the person, or leave out what needs consent.",
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


def _no_consent(rule: FieldRule, policy: CategoryPolicy) -> Reason:
    own = rule.say.get(ReasonCode.NO_CONSENT.value)
    article = "PIPL 29" if rule.needs_separate_consent else None
    return reason(
        ReasonCode.NO_CONSENT,
        rule.name,
        article="PIPL 31" if policy.children else article,
        label=(rule.label.zh, rule.label.en or rule.name),
        say=(own.zh, own.en) if own else None,
    )
