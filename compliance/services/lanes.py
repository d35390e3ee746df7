"""The accepting path: generated from the policy once per version, and says only yes.

A *lane* is one category through one channel. Its function looks at all fields together with one pattern, takes from what
it has worked out before when they die, and builds what the gate then seals. What it does not accept at once, because
something is wrong or only written unusually, is judged in full by `domain.collection.admit`, which alone finds reasons.
Tests hold both to the same verdict and the same parts, for any submission (tests/services/test_lanes.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from compliance.domain.collection import Admitted, Circumstances
from compliance.domain.consent import consent_faults, notice_faults, shown_version
from compliance.domain.formats import FURTHEST, Instruments
from compliance.domain.plain_forms import plain_form
from compliance.domain.policy import CategoryPolicy, FieldRule, Pack
from compliance.domain.submission import CLOCK_SKEW, Defaults, Submission
from compliance.domain.vocabulary import Channel, FieldType
from compliance.services.lane_source import LaneSource

#: (fields, earliest, latest) → the plain values, or None. Form alone: no detector, no period.
Fits = Callable[[Mapping[str, object], datetime, datetime], tuple[Any, ...] | None]
#: (fields, collected_at, earliest, latest, now in epoch seconds) → what is admitted, or None.
Admit = Callable[[Mapping[str, object], datetime, datetime, datetime, float], Admitted | None]

#: So many doors, and heads of one door, are remembered; a site has a few dozen of either.
MOST_HEADS = 1000

_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")


class Lane(NamedTuple):
    """One category through one channel. `rules` are the fields that it can take."""

    policy: CategoryPolicy
    channel: Channel
    rules: Mapping[str, FieldRule]
    fits: Fits
    admit: Admit


class Lanes:
    """The lanes of one pack, each compiled when it is first used."""

    def __init__(self, pack: Pack, tools: Instruments) -> None:
        self.pack, self._tools = pack, tools
        self._known: dict[tuple[str, str, bool], Lane | None] = {}
        self._heads: dict[Defaults, dict[tuple[object, ...], Lane]] = {}

    def heads(self, defaults: Defaults) -> dict[tuple[object, ...], Lane]:
        """The heads of lines that were found in order at this door, from batch to batch, each with its lane.

        They hold words of the policy and staff ids. What was not in order is not kept.
        """
        if len(self._heads) > MOST_HEADS:
            self._heads.clear()
        return self._heads.setdefault(defaults, {})

    def lane(self, category: str, channel: str, *, consented: bool) -> Lane | None:
        """The lane that takes every field, or without consent only those that rest on something else."""
        at = category, channel, consented
        if at not in self._known:
            policy = self.pack.categories.get(category)
            if policy is None or channel not in policy.channels or policy.exempt:
                return None
            self._known[at] = compiled(policy, Channel(channel), self.pack, self._tools, consented=consented)
        return self._known[at]

    def accept(self, submission: Submission, around: Circumstances) -> Admitted | None:
        """Admit a submission whole, its notice and consent included; None where it is to be judged in full."""
        lane = self.lane(submission.category, submission.channel, consented=True)
        site, now = self.pack.site, around.now
        if lane is None or submission.declined or submission.site != site.name or around.take_as_given:
            return None
        if submission.pass_code is not None:
            return None  # what an earlier consent covers is looked up, and judged in full
        admitted = lane.admit(
            submission.fields, submission.collected_at, now - FURTHEST, now + CLOCK_SKEW, now.timestamp()
        )
        if admitted is None:
            return None
        given = [
            rule
            for name, rule in lane.rules.items()
            if rule.auto or submission.fields.get(name) not in (None, "")
        ]
        names = [rule.name for rule in given]
        about = (around.notice_version, around.changes_since, names)
        if notice_faults(submission, lane.policy, *about, take_as_given=False):
            return None
        if consent_faults(submission, given, lane.policy, site.basis_profile, take_as_given=False):
            return None
        shown = shown_version(submission, around.notice_version)
        return admitted._replace(consent_given=bool(submission.consent), shown_version=shown)


def compiled(
    policy: CategoryPolicy, channel: Channel, pack: Pack, tools: Instruments, *, consented: bool
) -> Lane | None:
    """Generate and compile one lane; None where a field that cannot be left out has no plain form."""
    profile = pack.site.basis_profile
    rules: dict[str, FieldRule] = {}
    forms: dict[str, str] = {}
    for rule in policy.fields.values():
        if rule.channels and channel not in rule.channels:
            continue
        form = "" if rule.type is FieldType.COUNT else plain_form(rule, tools.plain)
        if form is not None and _NAME.fullmatch(rule.name) and (consented or not rule.needs_consent(profile)):
            rules[rule.name], forms[rule.name] = rule, form
        elif rule.required or rule.auto:
            return None
    if any(rule.auto and rule.type is not FieldType.TIME for rule in rules.values()):
        return None
    source = LaneSource(policy, pack, tools, rules, forms)
    space: dict[str, Any] = {**source.names}
    exec(compile(source.text, f"<lane {policy.category} by {channel}>", "exec"), space)  # noqa: S102 - our own source
    return Lane(policy, channel, rules, space["fits"], space["admit"])
