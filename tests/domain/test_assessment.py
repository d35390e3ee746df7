"""What needs an impact assessment, and exactly what the assessment is about (PIPL 55, 56)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from compliance.domain.assessment import PARTS, Trigger, causes, scope_hash
from compliance.domain.assessment_statements import statements
from compliance.domain.emergency import whole
from compliance.domain.policy import Pack, Party, Text
from compliance.domain.schedule import Floor, Period, Start
from compliance.domain.vocabulary import Basis, BasisProfile, Channel, Role, Sensitivity, ShowAs, StoreForm
from tests.builders import a_field, a_pack, a_pack_with, with_field

RECIPIENT = Party(
    name="示例保险公司", contact="0000-2000009", purpose="理赔", fields=("plate_no",), until="2027-01-01"
)


def plate(**changes: Any) -> Pack:
    return with_field(a_field("plate_no", "vehicle", **changes), "vehicle")


class TestWhatCallsForOne:
    def test_every_sensitive_field_and_nothing_else_in_the_shipped_pack(self) -> None:
        found = {(cause.category, cause.field) for cause in causes(a_pack())}

        assert found == {
            (category.category, rule.name)
            for category in whole(a_pack()).categories.values()
            for rule in category.fields.values()
            if rule.sensitivity is Sensitivity.SENSITIVE
        }
        assert ("vehicle", "plate_no") in found

    def test_a_register_without_anything_sensitive_needs_none(self) -> None:
        visitor = replace(a_pack().categories["visitor"], emergency={})
        plain = replace(a_pack(), categories={"visitor": visitor})

        assert causes(plain) == ()
        assert scope_hash(plain) == ""
        assert statements(plain) == ()

    @pytest.mark.parametrize(
        ("pack", "trigger", "article"),
        [
            (with_field(a_field("visitor_name", face="device/none")), Trigger.FACE, "人脸办法 9"),
            (a_pack_with(children=True), Trigger.CHILDREN, "PIPL 28, 55(1)"),
            (a_pack_with(site={"automated": True}), Trigger.AUTOMATED, "PIPL 55(2)"),
            (a_pack_with(site={"entrusted": (RECIPIENT,)}), Trigger.ENTRUSTED, "PIPL 55(3)"),
            (a_pack_with(site={"recipients": (RECIPIENT,)}), Trigger.PROVIDED, "PIPL 55(3)"),
        ],
        ids=["face", "children", "machine", "entrusting", "providing"],
    )
    def test_each_trigger_of_the_law(self, pack: Pack, trigger: Trigger, article: str) -> None:
        found = [cause for cause in causes(pack) if cause.trigger is trigger]

        assert found
        assert {cause.trigger.article for cause in found} == {article}
        assert scope_hash(pack) != scope_hash(a_pack())


class TestTheHashOfTheScope:
    @pytest.mark.parametrize(
        "changes",
        [
            {"purpose": "entry_security"},
            {"necessity": "另一个必要性说明，足够长的文字"},
            {"store": StoreForm.MATCH},
            {"show_as": ShowAs.FULL},
            {"basis": {"": Basis.CONSENT}},
            {"law_ref": "民法典 942"},
            {"required": False},
            {"alternative": {"paper_card": "另一种办法"}},
            {"channels": (Channel.LPR,)},
            {"read_by": {"parking": (Role.GUARD, Role.OFFICER, Role.AUDITOR)}},
        ],
        ids=lambda changes: next(iter(changes)),
    )
    def test_what_was_judged_of_a_sensitive_field_changes_it(self, changes: dict[str, Any]) -> None:
        assert scope_hash(plate(**changes)) != scope_hash(plate())

    @pytest.mark.parametrize(
        "changes",
        [
            {"keep": Period(days=31)},
            {"then": "anonymise"},
            {"starts": Start.parse("collected_at")},
            {"or_else": Start.parse("entry_time + 48h")},
            {"floor": Floor(keep=Period(days=60), law_ref="保安条例 25(2)")},
        ],
        ids=lambda changes: next(iter(changes)),
    )
    def test_its_period_changes_it(self, changes: dict[str, Any]) -> None:
        was = a_field("plate_no", "vehicle").retention

        assert scope_hash(plate(retention=replace(was, **changes))) != scope_hash(plate())

    @pytest.mark.parametrize(
        "changes", [{"name": "x"}, {"purpose": "x"}, {"fields": ()}, {"until": ""}], ids=str
    )
    def test_a_recipient_changes_it(self, changes: dict[str, Any]) -> None:
        was = a_pack_with(site={"recipients": (RECIPIENT,)})
        now = a_pack_with(site={"recipients": (replace(RECIPIENT, **changes),)})

        assert scope_hash(was) != scope_hash(now)

    def test_a_recipients_telephone_does_not(self) -> None:
        was = a_pack_with(site={"recipients": (RECIPIENT,)})
        now = a_pack_with(site={"recipients": (replace(RECIPIENT, contact="0000-1"),)})

        assert scope_hash(was) == scope_hash(now)

    def test_the_profile_of_the_site_changes_it(self) -> None:
        assert scope_hash(a_pack_with(site={"basis_profile": BasisProfile.DUTY})) != scope_hash(a_pack())

    def test_a_label_a_sentence_and_an_ordinary_field_do_not(self) -> None:
        other_words = plate(label=Text(zh="车牌", en="Number plate"), say={"missing_field": Text(zh="缺")})
        ordinary = with_field(a_field("visitor_phone", necessity="换一个说法，足够长的文字"))

        assert scope_hash(other_words) == scope_hash(ordinary) == scope_hash(a_pack())

    def test_the_order_of_categories_does_not(self) -> None:
        turned = replace(a_pack(), categories=dict(reversed(list(a_pack().categories.items()))))

        assert scope_hash(turned) == scope_hash(a_pack())


class TestWhatThePolicySaysToEachPart:
    def test_every_part_says_something_of_every_sensitive_field_in_both_languages(self) -> None:
        said = statements(a_pack())

        for part in PARTS:
            of_part = [one for one in said if one.part == part]
            for cause in causes(a_pack()):
                label = whole(a_pack()).categories[cause.category].fields[cause.field].label
                assert any(label.zh in one.zh and label.en in one.en for one in of_part)

    def test_purpose_period_and_readers_stand_in_it(self) -> None:
        said = "".join(one.zh for one in statements(plate()))

        assert "车辆通行、停放和收费" in said
        assert "保存30天，到期删除" in said
        assert "门岗" in said

    def test_a_party_and_a_machine_are_told(self) -> None:
        pack = a_pack_with(site={"recipients": (RECIPIENT,), "entrusted": (RECIPIENT,), "automated": True})

        said = {part: "".join(one.zh for one in statements(pack) if one.part == part) for part in PARTS}
        assert all("示例保险公司" in text and "自动拒绝通行" in text for text in said.values())
