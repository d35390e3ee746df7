"""What an earlier notice, or an earlier consent, still covers: nothing that is wider now, and everything that is not."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import event, given, settings

from compliance.domain.agreement import LivingConsent
from compliance.domain.collection import Admitted
from compliance.domain.difference import Direction, compare
from compliance.domain.policy import Pack
from compliance.domain.submission import ConsentGiven, NoticeGiven, Submission
from compliance.domain.vocabulary import Channel, ConsentAct, ConsentKind, NoticeMode, Sensitivity
from tests.builders import (
    FIELDS,
    MOBILE,
    START,
    a_field,
    a_pack,
    a_pack_with,
    a_retention,
    a_submission,
    codes,
    verdict,
    with_field,
)
from tests.domain.test_difference_properties import OFTEN, assert_kept_no_longer, pairs

SOMETIMES = settings(OFTEN, max_examples=80)
PASS = "0000-1111-2222"
ACCESS_LOG = {"channel": "access", "notice": {"mode": "posted"}, "consent": ..., "pass": PASS}
ORDINARY = frozenset(
    {"visitor_name", "visitor_phone", "host_room", "entry_time", "exit_time", "host_confirm"}
)


def numbered(pack: Pack, version: int) -> Pack:
    categories = {name: replace(one, version=version) for name, one in pack.categories.items()}
    return replace(pack, version=version, categories=categories)


def with_access(pack: Pack) -> Pack:
    """The pack, with a door that opens by itself among the visitors' ways in."""
    policy = pack.categories["visitor"]
    wider = replace(policy, channels=(*policy.channels, Channel.ACCESS))
    return replace(pack, categories={**pack.categories, "visitor": wider})


def an_earlier_consent(**changes: Any) -> LivingConsent:
    plain = LivingConsent(
        id="c1",
        category="visitor",
        policy_version=1,
        kind=ConsentKind.PLAIN,
        by="self",
        covers=ORDINARY,
    )
    return replace(plain, **changes)


class TestAPassWhoseHolderConsented:
    V1 = numbered(with_access(a_pack()), 1)

    def told(self, *living: LivingConsent, now: Pack | None = None, **changes: Any) -> set[str]:
        pack = now or self.V1
        raw = a_submission(**{**ACCESS_LOG, **changes})
        return codes(verdict(raw, pack=pack, versions={1: self.V1}, living=living))

    def test_a_door_that_opens_by_itself_may_refer_to_it(self) -> None:
        assert self.told(an_earlier_consent()) == set()

    def test_so_may_a_batch(self) -> None:
        from compliance.domain.submission import Defaults
        from compliance.domain.vocabulary import Door

        raw = a_submission(**{**ACCESS_LOG, "collected_at": START.isoformat()})
        batch = Defaults(door=Door.BATCH)

        assert codes(verdict(raw, pack=self.V1, living=[an_earlier_consent()], defaults=batch)) == set()

    def test_nothing_behind_a_pass_is_no_consent(self) -> None:
        assert self.told() == {"no_consent:pass"}

    def test_the_evidence_names_the_consent_and_the_fields_it_rests_on(self) -> None:
        raw = a_submission(**ACCESS_LOG)

        found = verdict(raw, pack=self.V1, living=[an_earlier_consent()])

        assert isinstance(found, Admitted)
        ((earlier, covers),) = [(one.consent.id, one.covers) for one in found.by_pass]
        assert (earlier, set(covers)) == ("c1", {*FIELDS, "entry_time", "exit_time"})

    def test_what_the_holder_did_not_consent_to_is_not_covered(self) -> None:
        less = an_earlier_consent(covers=ORDINARY - {"visitor_phone"})

        assert self.told(less, fields={"visitor_phone": MOBILE}) == {"no_consent"}
        assert self.told(less) == set()

    def test_consent_to_one_register_is_none_to_another(self) -> None:
        assert self.told(an_earlier_consent(category="delivery")) == {"no_consent:pass"}

    def test_a_plain_consent_covers_nothing_sensitive(self) -> None:
        rule = a_field("visitor_phone", sensitivity=Sensitivity.SENSITIVE)
        pack = numbered(with_access(with_field(rule)), 1)
        fields = {"visitor_phone": MOBILE}
        own = an_earlier_consent(id="c2", kind=ConsentKind.SEPARATE, covers=frozenset({"visitor_phone"}))

        assert self.told(an_earlier_consent(), now=pack, fields=fields) == {"no_consent:visitor_phone"}
        assert self.told(an_earlier_consent(), own, now=pack, fields=fields) == set()

    def test_what_is_wider_now_has_to_be_asked_for(self) -> None:
        kept = a_pack_with(
            "visitor",
            retentions=(a_retention("40d"),),
            fields={
                name: replace(rule, retention=a_retention("40d"))
                for name, rule in a_pack().categories["visitor"].fields.items()
            },
        )

        assert self.told(an_earlier_consent(), now=numbered(with_access(kept), 2)) == {"no_consent:pass"}

    def test_what_is_narrower_does_not(self) -> None:
        less = with_field(a_field("party_size", most=10))

        assert self.told(an_earlier_consent(), now=numbered(with_access(less), 2)) == set()

    def test_a_version_that_nobody_knows_covers_nothing(self) -> None:
        assert self.told(an_earlier_consent(policy_version=9)) == {"no_consent:pass"}

    def test_a_person_at_the_desk_adds_what_they_had_not_agreed_to(self) -> None:
        less = an_earlier_consent(covers=ORDINARY - {"visitor_phone"})
        act = {"kind": "plain", "by": "self", "act": "spoken", "covers": ["visitor_phone"]}
        desk: dict[str, Any] = {
            "channel": "desk",
            "notice": {"mode": "oral", "by": "staff-7"},
            "consent": [act],
        }

        assert self.told(less, fields={"visitor_phone": MOBILE}, **desk) == set()

    def test_a_machine_does_not_add_anything(self) -> None:
        act = {"kind": "plain", "by": "self", "act": "tap", "covers": ["visitor_phone"]}

        assert self.told(an_earlier_consent(), consent=[act]) == {"no_consent"}

    @pytest.mark.parametrize(
        "code", ["", "0000-1111", "0000-1111-2222-3333", 7, ["0000-1111-2222"], "0000_1111_2222", "零" * 12]
    )
    def test_what_is_no_pass_code_is_refused_for_its_form(self, code: object) -> None:
        changed: dict[str, Any] = {"pass": code}

        assert self.told(an_earlier_consent(), **changed) == {"malformed:pass"}

    def test_a_submission_never_shows_it(self) -> None:
        from compliance.domain.submission import Defaults, parse

        read = parse(a_submission(**ACCESS_LOG), Defaults(), START)

        assert isinstance(read, Submission)
        assert read.pass_code == PASS
        assert PASS not in repr(read)

    def test_a_check_of_form_alone_takes_it_as_given(self) -> None:
        raw = a_submission(**{**ACCESS_LOG, "notice": ...})

        assert isinstance(verdict(raw, pack=self.V1, take_as_given=True), Admitted)


def shown_before(raw: Submission) -> Iterator[Submission]:
    """The same submission by whoever was shown the earlier notice on a screen and agreed to each field."""
    if raw.channel in (Channel.DESK, Channel.KIOSK, Channel.MINIAPP):
        acts = [ConsentGiven(kind=ConsentKind.PLAIN, by="self", act=ConsentAct.TAP)]
        acts += [
            ConsentGiven(kind=ConsentKind.SEPARATE, by="self", act=ConsentAct.TAP, covers=(name,))
            for name in raw.fields
        ]
        notice = NoticeGiven(mode=NoticeMode.SCREEN, id="shown-1")
        yield replace(raw, notice=notice, consent=tuple(acts))


@given(pairs())
@SOMETIMES
def test_what_an_earlier_notice_admits_is_kept_used_and_seen_no_more_than_it_said(
    pair: tuple[Pack, Pack, list[Submission]],
) -> None:
    old, new = numbered(pair[0], 1), numbered(pair[1], 2)
    for raw in (one for each in pair[2] for one in shown_before(each)):
        after = verdict(raw, pack=new, notices={"shown-1": 1}, versions={1: old})
        if not isinstance(after, Admitted):
            event(
                "asked anew"
                if "reconsent_required" in {c.partition(":")[0] for c in codes(after)}
                else "refused"
            )
            continue
        event("admitted by the earlier notice")
        (was,) = old.categories.values()
        (now,) = new.categories.values()
        if now.exempt:
            continue  # an emergency crew is told of nothing and asked for nothing
        for name in (field for part in after.parts for field in part.content):
            before, rule = was.fields[name], now.fields[name]
            assert rule.purpose == before.purpose
            assert all(set(roles) <= set(before.read_by.get(why, ())) for why, roles in rule.read_by.items())
        said = verdict(replace(raw, notice=None, consent=()), pack=old, take_as_given=True)
        if isinstance(said, Admitted):
            assert_kept_no_longer(said, after)


@given(pairs())
@SOMETIMES
def test_nobody_is_asked_anew_for_what_is_no_wider(pair: tuple[Pack, Pack, list[Submission]]) -> None:
    old, new = numbered(pair[0], 1), numbered(pair[1], 2)
    difference = compare(old, new)
    general = [one for one in difference.changes if one.direction is Direction.WIDENS and not one.field]
    for raw in (one for each in pair[2] for one in shown_before(each)):
        found = codes(verdict(raw, pack=new, notices={"shown-1": 1}, versions={1: old}))
        asked = {one for one in found if one.startswith("reconsent_required")}
        if not difference.widens:
            event("nothing is wider")
            assert asked == set()
        elif any(one.channel in ("", raw.channel.value) for one in general) and not found - asked:
            new_policy = next(iter(new.categories.values()))
            assert asked or new_policy.exempt or raw.channel not in new_policy.channels
