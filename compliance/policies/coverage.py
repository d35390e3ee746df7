"""Whether every rule that decides is decided about by a case: an untried rule is a guess that nobody will notice.

A field decides twice, when it lets a value in and when it does not; a retention decides at its end, so that there must
be a case while its fields are kept and one when they are gone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from compliance.domain.emergency import is_of_emergency, whole
from compliance.domain.policy import CategoryPolicy, Text
from compliance.policies.drafts import CaseDraft
from compliance.policies.loader import LoadedPack
from compliance.policies.schema import CollectionCase, RetentionCase

_STILL_THERE = ("kept", "restricted")


@dataclass(frozen=True, slots=True, kw_only=True)
class Uncovered:
    """A rule of a category that no case decides about."""

    category: str
    rule: str  # a field's name, or the fields of one retention
    say: Text

    def as_json(self) -> dict[str, object]:
        return {
            "category": self.category,
            "rule": self.rule,
            "covered": False,
            "zh": self.say.zh,
            "en": self.say.en,
        }


def uncovered(pack: LoadedPack) -> tuple[Uncovered, ...]:
    """Every rule without a case, in the order of the pack."""
    return tuple(
        missing
        for category, policy in whole(pack).categories.items()
        for missing in _of_category(policy, [draft for draft in pack.cases if draft.category == category])
    )


def _of_category(policy: CategoryPolicy, cases: list[CaseDraft]) -> Iterator[Uncovered]:
    collections = [draft.case for draft in cases if isinstance(draft.case, CollectionCase)]
    retentions = [draft.case for draft in cases if isinstance(draft.case, RetentionCase)]
    taken = {name for case in collections if case.expect != "refused" for name in case.submit}
    refused = {
        one.partition(":")[2] for case in collections if case.expect != "flagged" for one in case.because
    }
    for name in policy.fields:
        if name not in taken:
            yield _missing(policy, name, "没有一个用例登记了它", "no case admits it")
        if name not in refused:
            yield _missing(policy, name, "没有一个用例拒绝过它", "no case refuses it")
    for number in range(len(policy.retentions)):
        fields = [rule.name for rule in policy.fields.values() if rule.retention_class == number]
        # A case about the whole record says nothing of what an emergency brings: that has to be named.
        apart = is_of_emergency(policy.retentions[number])
        about = [case for case in retentions if not apart or case.field in fields]
        kept = any(_is_about(case, fields, policy, kept=True) for case in about)
        gone = any(_is_about(case, fields, policy, kept=False) for case in about)
        if fields and not kept:
            yield _missing(policy, " ".join(fields), "没有一个用例看到它仍在保存期内", "no case sees it kept")
        if fields and not gone:
            yield _missing(policy, " ".join(fields), "没有一个用例看到它到期", "no case sees it end")


def _is_about(case: RetentionCase, fields: list[str], policy: CategoryPolicy, *, kept: bool) -> bool:
    """A case about the whole record is about every class where all is gone, and about the longest where it is kept."""
    if kept is not (case.expect in _STILL_THERE):
        return False
    if case.field is not None:
        return case.field in fields
    every_day = (rule.retention for rule in policy.fields.values() if not is_of_emergency(rule.retention))
    longest = max(retention.keep.longest_days for retention in every_day)
    return not kept or any(policy.fields[name].retention.keep.longest_days == longest for name in fields)


def _missing(policy: CategoryPolicy, rule: str, zh: str, en: str) -> Uncovered:
    return Uncovered(
        category=policy.category,
        rule=rule,
        say=Text(zh=f"{policy.label.zh}“{rule}”：{zh}", en=f"{policy.category} {rule}: {en}"),
    )
