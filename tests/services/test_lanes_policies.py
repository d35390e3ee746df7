"""Both paths under policies that nobody wrote: every type, store form, period, floor and channel in any company."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compliance.domain.collection import Admitted
from compliance.domain.policy import CategoryPolicy, FieldRule, Pack
from compliance.domain.schedule import Floor, Period, Retention, Start
from compliance.domain.submission import Defaults
from compliance.domain.vocabulary import (
    Basis,
    BasisProfile,
    Channel,
    Door,
    FieldType,
    Mode,
    OnIdentifier,
    Sensitivity,
    StoreForm,
)
from compliance.policies.cases import fitting
from compliance.policies.instruments import INSTRUMENTS
from compliance.services.judging import Decision, Judging
from compliance.services.lanes import Lanes
from tests.builders import ORAL, SPOKEN, START, a_pack, a_rule
from tests.services.test_lanes import PACKS, POSTED, around, in_full, moments, recent, same, value_of
from tests.strategies import json_values

# Names that a policy may give, among them every one that means something to whoever writes or runs the source.
NAMES = ["gate", "collected_at", "class", "none", "get", "fields", "now", "term", "kept", "parts", "last", "v0", "d1",
         "s2", "entry_time", "exit_time", "visitor_name", "tuple", "exec", "a", "z" * 64]  # fmt: skip
WORDS = ["看房", "探亲访友", "a", "a|b", ".*", ")|(?:.*", "(?i)x", "[", "\\", "$", "^", "{0}", "%s", "'); raise SystemExit(",
         '"""', "看\x1f房", "一\n二", "#", "13800000000", "\ud800"]  # fmt: skip
PERIODS = [
    Period.parse(text) for text in ("30d", "1d", "P1M", "P6M", "P1Y", "24h", "36h", "1h", "10min", "PT1H7M")
]
ZONES = ["Asia/Shanghai", "UTC", "Asia/Kathmandu", "America/St_Johns", "Australia/Lord_Howe", "Pacific/Apia"]

PLAIN = [type_ for type_ in FieldType if type_ not in (FieldType.VERIFICATION, FieldType.ATTACHMENT)]

periods = st.sampled_from(PERIODS)
floors = st.none() | st.builds(Floor, keep=periods, law_ref=st.just("x"))
starts = st.builds(
    Start,
    field=st.sampled_from(["collected_at", "entry_time", "exit_time", "now", "gate"]),
    plus=st.none() | periods,
)
retentions = st.builds(Retention, starts=starts, or_else=starts, keep=periods, floor=floors)


@st.composite
def rules(draw: st.DrawFn, name: str, classes: tuple[Retention, ...]) -> FieldRule:
    usual = FieldType.TIME if name.endswith("_time") else None
    type_ = usual or draw(st.sampled_from([*PLAIN, *PLAIN, *FieldType]))
    klass = draw(st.integers(0, len(classes) - 1))
    return a_rule(
        type_,
        name=name,
        required=draw(st.booleans()),
        auto=type_ is FieldType.TIME and draw(st.booleans()),
        store=draw(st.sampled_from(StoreForm)),
        channels=tuple(draw(st.sets(st.sampled_from(Channel), max_size=3))) if draw(st.booleans()) else (),
        retention=classes[klass],
        retention_class=klass,
        values=tuple(draw(st.lists(st.sampled_from(WORDS), max_size=5, unique=True))),
        longest=draw(st.sampled_from([1, 2, 3, 20, 200, 2000])),
        most=draw(st.sampled_from([1, 9, 999, 100_000])),
        furthest=draw(st.none() | periods),
        on_identifier=draw(st.sampled_from(OnIdentifier)),
        basis={"": draw(st.sampled_from([Basis.CONSENT, Basis.CONTRACT, Basis.STATUTORY, Basis.OTHER_LAW]))},
        sensitivity=draw(st.sampled_from(Sensitivity)),
        under_duty=draw(st.booleans()),
        alternative={"other_way": "x"},
    )


@st.composite
def packs(draw: st.DrawFn) -> tuple[Pack, CategoryPolicy]:
    base = PACKS[draw(st.sampled_from(sorted(PACKS)))]
    classes = tuple(draw(st.lists(retentions, min_size=1, max_size=3, unique_by=repr)))
    named = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=7, unique=True))
    fields = {name: draw(rules(name, classes)) for name in named}
    pairs = st.tuples(st.sampled_from(named), st.sampled_from(named))
    policy = replace(
        next(iter(a_pack().categories.values())),
        category="strange",
        channels=tuple(draw(st.sets(st.sampled_from(Channel), min_size=1))),
        subject=tuple(draw(st.lists(st.sampled_from(named), max_size=3, unique=True))),
        fields=fields,
        retentions=classes,
        tallies=draw(st.booleans()),
        order=tuple(draw(st.lists(pairs, max_size=2))),
        exempt=draw(st.integers(0, 19)) == 0,
    )
    site = replace(
        base.site,
        timezone=ZoneInfo(draw(st.sampled_from(ZONES))),
        mode=draw(st.sampled_from([Mode.ENFORCE, Mode.STRIP])),
        basis_profile=draw(st.sampled_from(BasisProfile)),
    )
    return replace(base, site=site, categories={"strange": policy}), policy


def good(rule: FieldRule) -> st.SearchStrategy[Any]:
    if rule.type is FieldType.TIME:
        return recent
    if rule.type is FieldType.CODE and not rule.values:
        return st.none()
    return st.just(fitting(rule, START))


@st.composite
def sent_under(draw: st.DrawFn, policy: CategoryPolicy, door: Door) -> dict[str, Any]:
    """Mostly what fits the policy, for what fits nothing is refused soon and shows little."""
    spoken = [one for one in policy.channels if one in (Channel.DESK, Channel.PHONE)]
    mute = [one for one in policy.channels if not one.has_person]
    channel = draw(st.sampled_from(spoken or mute or policy.channels) | st.sampled_from(policy.channels))
    fields: dict[str, Any] = {}
    for name, rule in policy.fields.items():
        here = not rule.channels or channel in rule.channels
        if (here and (rule.required or draw(st.booleans()))) or draw(st.integers(0, 30)) == 0:
            how = draw(st.integers(0, 30))
            fields[name] = draw(json_values if how == 0 else value_of(rule) if how < 6 else good(rule))
    if draw(st.integers(0, 30)) == 0:
        fields[draw(st.sampled_from(NAMES))] = draw(json_values)
    line: dict[str, Any] = {"category": "strange", "channel": channel.value, "fields": fields}
    line["collected_at"] = draw(moments if draw(st.integers(0, 9)) == 9 else recent)
    asked = channel.has_person and door is Door.SINGLE and draw(st.integers(0, 19)) > 0
    line["notice"] = ORAL if asked else POSTED
    if asked:
        singly = [name for name, rule in policy.fields.items() if rule.needs_separate_consent]
        line["consent"] = [SPOKEN, *({**SPOKEN, "kind": "separate", "covers": [name]} for name in singly)]
    return line


class Watched(Judging):
    """Judging that counts what it admitted without judging it in full."""

    quick = 0

    def decide(self, raw: object) -> Decision:
        decision = super().decide(raw)
        verdict, submission = decision.verdict, decision.submission
        if isinstance(verdict, Admitted):
            self.quick += submission is None or self._lanes.accept(submission, self._around) is not None
        return decision


def both_agree(data: st.DataObject) -> Counter[str]:
    """Draw a policy and what is sent under it, all of it judged in one batch; how often which path admitted."""
    pack, policy = data.draw(packs())
    now = START + timedelta(microseconds=data.draw(st.sampled_from([0, 1, 999_999])))
    door = data.draw(st.sampled_from(Door))
    defaults = Defaults(door=door)
    judging = Watched(Lanes(pack, INSTRUMENTS), around(pack, now), defaults)
    admitted = 0
    for raw in data.draw(st.lists(sent_under(policy, door), min_size=1, max_size=9)):
        full = in_full(raw, defaults, pack, now)
        same(judging.decide(raw).verdict, full)
        admitted += isinstance(full, Admitted)
    return Counter(admitted=admitted, quick=judging.quick)


@pytest.mark.parametrize("policies", [150, pytest.param(6000, marks=pytest.mark.long)])
def test_both_paths_agree_under_any_policy(policies: int) -> None:
    seen: Counter[str] = Counter()

    # Hypothesis looks for values among the constants of whatever modules are in memory, so what is counted below hangs on
    # what ran before; both are asked for far less than was ever seen.
    @settings(
        max_examples=policies,
        deadline=None,
        derandomize=policies < 1000,
        suppress_health_check=list(HealthCheck),
    )
    @given(data=st.data())
    def attack(data: st.DataObject) -> None:
        seen.update(both_agree(data))

    attack()
    assert seen["admitted"] > policies // 10
    assert seen["quick"] > policies // 100
