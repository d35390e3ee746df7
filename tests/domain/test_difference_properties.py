"""What only narrows never lets in what was refused, and keeps nothing longer: generated packs and submissions on both."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from compliance.domain.collection import Admitted
from compliance.domain.difference import compare
from compliance.domain.policy import CategoryPolicy, FieldRule, Pack
from compliance.domain.schedule import Floor, Period, Retention, Start
from compliance.domain.submission import ConsentGiven, NoticeGiven, Submission
from compliance.domain.vocabulary import (
    Basis,
    BasisProfile,
    Channel,
    ConsentAct,
    ConsentKind,
    FieldType,
    Mode,
    NoticeMode,
    OnIdentifier,
    Sensitivity,
    StoreForm,
)
from compliance.policies.cases import fitting
from tests.builders import START, a_pack, a_rule, verdict

OFTEN = settings(
    max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)
KEEPS = [Period.parse(one) for one in ("1d", "24h", "7d", "29d", "30d", "P1M", "31d", "48h", "P6M", "P1Y")]
FLOORS = [
    None,
    Floor(keep=Period.parse("30d"), law_ref="保安条例 25(2)"),
    Floor(keep=Period.parse("2d"), law_ref="X"),
]
CATEGORIES = ["visitor", "vehicle", "delivery", "service"]
NOTE = a_rule(FieldType.TEXT, name="note", longest=20, basis={"": Basis.CONSENT}, required=False)


def base(category: str, mode: Mode, profile: BasisProfile) -> Pack:
    pack = a_pack()
    policy = pack.categories[category]
    policy = replace(policy, fields={**policy.fields, "note": replace(NOTE, retention=policy.retentions[0])})
    site = replace(pack.site, mode=mode, basis_profile=profile)
    return replace(pack, site=site, categories={category: rebuilt(policy)})


def rebuilt(policy: CategoryPolicy) -> CategoryPolicy:
    """The classes that the loader would have made of these fields."""
    retentions = list(dict.fromkeys(rule.retention for rule in policy.fields.values()))
    fields = {
        name: replace(rule, retention_class=retentions.index(rule.retention))
        for name, rule in policy.fields.items()
    }
    return replace(policy, retentions=tuple(retentions), fields=fields)


def changed(draw: st.DrawFn, rule: FieldRule) -> FieldRule:
    """One attribute of a field, another way."""

    def any_of(*values: Any) -> Any:
        return draw(st.sampled_from(values))

    kept: Retention = rule.retention
    ways: dict[str, Any] = {
        "required": lambda: not rule.required,
        "basis": lambda: any_of({"": Basis.CONSENT}, {"": Basis.CONTRACT}, rule.basis),
        "sensitivity": lambda: any_of(*Sensitivity),
        "under_duty": lambda: not rule.under_duty,
        "separate": lambda: not rule.separate,
        "store": lambda: any_of(StoreForm.SEALED, StoreForm.MASKED, StoreForm.MATCH, StoreForm.TOKEN),
        "values": lambda: rule.values[: draw(st.integers(0, 3))] or rule.values,
        "longest": lambda: any_of(1, 10, 20, 60),
        "most": lambda: any_of(1, 50, 99),
        "furthest": lambda: any_of(None, Period.parse("7d"), Period.parse("P1M"), Period.parse("48h")),
        "on_identifier": lambda: any_of(*OnIdentifier),
        "on_possible": lambda: any_of(*OnIdentifier),
        "auto": lambda: not rule.auto if rule.type is FieldType.TIME else False,
        "amendable": lambda: not rule.amendable,
        "channels": lambda: any_of((), (Channel.DESK,), (Channel.DESK, Channel.PHONE)),
        "alternative": lambda: any_of({}, {"front_desk_call": "前台"}, {**rule.alternative, "other": "其他"}),
        "type": lambda: any_of(rule.type, FieldType.TEXT),
        "retention": lambda: any_of(
            replace(kept, keep=any_of(*KEEPS)),
            replace(kept, floor=any_of(*FLOORS)),
            replace(kept, starts=any_of(Start.parse("collected_at"), kept.or_else, kept.starts)),
            replace(
                kept,
                or_else=replace(kept.or_else, plus=any_of(None, Period.parse("12h"), Period.parse("3d"))),
            ),
            replace(kept, then=any_of("erase", "anonymise")),
        ),
    }
    name = draw(st.sampled_from(sorted(ways)))
    return replace(rule, **{name: ways[name]()})


@st.composite
def mutated(draw: st.DrawFn, pack: Pack) -> Pack:
    """A pack with one to three things another way."""
    for _ in range(draw(st.integers(1, 3))):
        policy = next(iter(pack.categories.values()))
        fields = dict(policy.fields)
        name = draw(st.sampled_from(sorted(fields)))
        what = draw(st.sampled_from(["field", "field", "field", "field", "drop", "all", "category", "site"]))
        if what == "field":
            fields[name] = changed(draw, fields[name])
        elif what == "drop" and len(fields) > 2:
            del fields[name]
        elif what == "all":
            keep = draw(st.sampled_from(KEEPS))
            fields = {n: replace(r, retention=replace(r.retention, keep=keep)) for n, r in fields.items()}
        elif what == "category":
            policy = draw(
                st.sampled_from(
                    [
                        replace(policy, channels=policy.channels[:1]),
                        replace(policy, channels=(*policy.channels, Channel.ACCESS)),
                        replace(policy, exempt=not policy.exempt),
                        replace(policy, order=()),
                    ]
                )
            )
        elif what == "site":
            site = draw(
                st.sampled_from(
                    [
                        replace(pack.site, mode=Mode.STRIP),
                        replace(pack.site, mode=Mode.ENFORCE),
                        replace(pack.site, basis_profile=BasisProfile.CONSENT),
                        replace(pack.site, basis_profile=BasisProfile.DUTY),
                    ]
                )
            )
            pack = replace(pack, site=site)
        policy = rebuilt(replace(policy, fields=fields))
        pack = replace(pack, categories={policy.category: policy})
    return pack


@st.composite
def submissions(draw: st.DrawFn, pack: Pack) -> Submission:
    """What somebody may hand in: some fields, fitting or not, with some consent or none."""
    policy = next(iter(pack.categories.values()))
    at = START - draw(st.sampled_from([timedelta(0), timedelta(hours=30), timedelta(days=8)]))
    names = draw(st.lists(st.sampled_from(sorted(policy.fields)), unique=True))
    required = [name for name, rule in policy.fields.items() if rule.required and draw(st.integers(0, 3))]
    fields: dict[str, object] = {}
    for name in dict.fromkeys([*required, *names]):
        rule = policy.fields[name]
        fields[name] = fitting(rule, at) if draw(st.integers(0, 5)) else odd(draw, rule, at)
    declined = {
        name: draw(st.sampled_from(sorted(rule.alternative) or ["other"]))
        for name, rule in policy.fields.items()
        if name not in fields and rule.required and draw(st.booleans())
    }
    given_as_read = draw(st.booleans())
    consent = () if given_as_read else tuple(acts(draw, sorted(policy.fields)))
    return Submission(
        category=policy.category,
        channel=draw(st.sampled_from(policy.channels)),
        site=pack.site.name,
        collected_at=at,
        fields=fields,
        declined=declined,
        notice=None if given_as_read else NoticeGiven(mode=NoticeMode.ORAL, by="staff-7"),
        consent=consent,
    )


def odd(draw: st.DrawFn, rule: FieldRule, at: datetime) -> object:
    later = (at + timedelta(days=3)).isoformat()
    return draw(
        st.sampled_from(
            [
                "",
                "长一些的说明文字写在这里",
                "身份证100000199001010011",
                later,
                (at - timedelta(hours=2)).isoformat(),
                60,
                *rule.values,
            ]
        )
    )


def acts(draw: st.DrawFn, names: list[str]) -> list[ConsentGiven]:
    plain = draw(st.one_of(st.none(), st.just(()), st.lists(st.sampled_from(names), unique=True).map(tuple)))
    singly = draw(st.lists(st.sampled_from(names), unique=True, max_size=3))
    given = [
        ConsentGiven(kind=ConsentKind.SEPARATE, by="self", act=ConsentAct.SPOKEN, covers=(name,))
        for name in singly
    ]
    if plain is not None:
        given.append(ConsentGiven(kind=ConsentKind.PLAIN, by="self", act=ConsentAct.SPOKEN, covers=plain))
    return given


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Pack, Pack, list[Submission]]:
    mode = draw(st.sampled_from([Mode.ENFORCE, Mode.ENFORCE, Mode.STRIP]))
    old = base(draw(st.sampled_from(CATEGORIES)), mode, draw(st.sampled_from(BasisProfile)))
    new = draw(mutated(old))
    if draw(st.booleans()):
        old, new = new, old
    raws = [draw(submissions(draw(st.sampled_from([old, new])))) for _ in range(6)]
    return old, new, raws


def kept_until(admitted: Admitted) -> dict[str, tuple[datetime, datetime]]:
    return {
        name: (part.due.readable_until, part.due.erase_at) for part in admitted.parts for name in part.content
    }


def test_a_pack_has_no_difference_from_itself() -> None:
    assert compare(a_pack(), a_pack()).changes == ()
    assert not compare(a_pack(), a_pack()).narrows_only


@given(st.data())
@OFTEN
def test_a_mutated_pack_has_no_difference_from_itself(data: st.DataObject) -> None:
    pack = data.draw(mutated(base("visitor", Mode.ENFORCE, BasisProfile.CONSENT)))

    assert compare(pack, pack).changes == ()


@given(pairs())
@OFTEN
def test_what_only_narrows_admits_nothing_that_was_refused_and_keeps_nothing_longer(
    pair: tuple[Pack, Pack, list[Submission]],
) -> None:
    old, new, raws = pair
    difference = compare(old, new)
    event(difference.direction.value)
    if not difference.narrows_only:
        return
    event("narrows only")
    for raw in raws:
        before = verdict(raw, pack=old, take_as_given=True)
        after = verdict(raw, pack=new, take_as_given=True)
        if isinstance(after, Admitted):
            event("admitted by the narrower pack")
            assert isinstance(before, Admitted), [change.zh for change in difference.changes]
            assert_kept_no_longer(before, after)


@given(pairs())
@OFTEN
def test_what_does_not_widen_keeps_of_one_submission_no_more_and_no_longer(
    pair: tuple[Pack, Pack, list[Submission]],
) -> None:
    old, new, raws = pair
    if compare(old, new).widens:
        return
    for raw in raws:
        before = verdict(raw, pack=old, take_as_given=True)
        after = verdict(raw, pack=new, take_as_given=True)
        if isinstance(before, Admitted) and isinstance(after, Admitted):
            assert_kept_no_longer(before, after)


def assert_kept_no_longer(before: Admitted, after: Admitted) -> None:
    was = kept_until(before)
    for name, (readable_until, erase_at) in kept_until(after).items():
        assert name in was
        assert readable_until <= was[name][0]
        assert erase_at <= was[name][1]


@given(pairs())
@OFTEN
def test_the_way_back_of_what_narrows_widens(pair: tuple[Pack, Pack, list[Submission]]) -> None:
    old, new, _ = pair
    if compare(old, new).narrows_only:
        assert not compare(new, old).narrows_only
