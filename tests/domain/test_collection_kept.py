"""What is left of an admitted submission: parts that die together, masks, tokens, counts, and nothing else."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from compliance.domain.collection import Admitted
from compliance.domain.vocabulary import Channel, FieldType, StoreForm
from tests.builders import (
    MOBILE,
    SHANGHAI,
    START,
    a_field,
    a_full_submission,
    a_pack,
    a_pack_with,
    a_retention,
    a_rule,
    a_submission,
    codes,
    verdict,
    with_field,
)


def told(**changes: Any) -> set[str]:
    return codes(verdict(**changes))


def admitted(**changes: Any) -> Admitted:
    found = verdict(**changes)
    assert isinstance(found, Admitted), codes(found)
    return found


def contents(found: Admitted) -> dict[str, object]:
    return {name: value for part in found.parts for name, value in part.content.items()}


class TestWhatIsKept:
    def test_fields_that_die_together_are_one_part(self) -> None:
        assert len(admitted(fields={"visitor_phone": MOBILE}).parts) == 1

    def test_a_shorter_period_is_a_part_of_its_own(self) -> None:
        raw = a_submission(category="delivery")
        fields = {"platform": "顺丰", "dest_building": "3栋", "courier_phone": MOBILE}

        found = verdict(raw | {"fields": fields})

        assert isinstance(found, Admitted)
        assert len(found.parts) == 2
        assert {len(part.content) for part in found.parts} == {1, 3}

    def test_a_masked_field_keeps_its_mask_alone(self) -> None:
        raw = a_submission(category="delivery")
        fields = {"platform": "顺丰", "dest_building": "3栋", "courier_phone": MOBILE, "courier_name": "王五"}

        found = verdict(raw | {"fields": fields})

        assert isinstance(found, Admitted)
        kept = contents(found)
        assert kept["courier_phone"] == "194****0001"
        assert "五" not in str(kept["courier_name"])

    def test_a_matched_field_keeps_nothing_but_its_token(self) -> None:
        pack = with_field(a_field("visitor_phone", store=StoreForm.MATCH))

        found = admitted(fields={"visitor_phone": MOBILE}, pack=pack)

        assert MOBILE not in str(contents(found))
        assert [key.value for key in found.subjects] == [f"mobile:{MOBILE}"]

    def test_every_part_knows_when_it_ends_and_under_which_window(self) -> None:
        (part,) = admitted().parts

        assert part.due.erase_at == datetime(2026, 4, 3, tzinfo=SHANGHAI)
        assert part.window == "2026-04-02"

    def test_values_do_not_show_in_a_repr(self) -> None:
        assert "张三" not in repr(admitted(fields={"visitor_phone": MOBILE}))
        assert MOBILE not in repr(admitted(fields={"visitor_phone": MOBILE}))

    @pytest.mark.parametrize("category", sorted(a_pack().categories))
    def test_a_record_holds_only_what_its_policy_names(self, category: str) -> None:
        policy = a_pack().categories[category]
        raw = a_full_submission(category)
        fields = raw["fields"]

        found = verdict(raw)

        assert isinstance(found, Admitted), codes(found)
        kept = contents(found)
        assert set(fields) - set(kept) <= {n for n, r in policy.fields.items() if r.store is StoreForm.MATCH}
        assert set(kept) <= set(policy.fields)


class TestWhatIsAlreadyOver:
    @pytest.mark.parametrize(("seconds", "taken"), [(-1, True), (0, False), (1, False)])
    def test_a_record_is_taken_until_the_instant_that_it_is_due(self, seconds: int, taken: bool) -> None:
        collected = datetime(2026, 1, 30, 10, 0, tzinfo=SHANGHAI)
        now = datetime(2026, 3, 3, 0, 0, tzinfo=SHANGHAI) + timedelta(seconds=seconds)

        found = verdict(collected_at=collected.isoformat(), now=now)

        assert isinstance(found, Admitted) is taken
        assert taken or codes(found) == {"already_expired"}

    def test_a_field_that_is_already_over_is_named(self) -> None:
        raw = a_submission(category="delivery", collected_at=(START - timedelta(days=3)).isoformat())
        fields = {"platform": "顺丰", "dest_building": "3栋", "courier_phone": MOBILE}

        assert codes(verdict(raw | {"fields": fields})) == {"already_expired:courier_phone"}

    def test_a_period_that_nothing_starts_is_asked_for_its_start(self) -> None:
        never = a_retention(starts="exit_time", or_else="exit_time")
        policy = a_pack().categories["visitor"]
        rule = replace(a_field("visitor_name"), retention=never, retention_class=len(policy.retentions))
        pack = a_pack_with(
            "visitor", fields={**policy.fields, "visitor_name": rule}, retentions=(*policy.retentions, never)
        )

        assert told(pack=pack) == {"missing_field:exit_time"}


class TestTallies:
    def test_a_count_says_when_and_where_and_not_who(self) -> None:
        cell = admitted(fields={"visitor_phone": MOBILE}).cell

        assert cell is not None
        assert (cell.site, cell.day, cell.category, cell.gate) == ("main", "2026-03-02", "visitor", "")
        assert cell.show_after == datetime(2026, 4, 3, tzinfo=SHANGHAI).timestamp()

    def test_a_category_that_counts_nothing_has_none(self) -> None:
        assert admitted(pack=a_pack_with("visitor", tallies=False)).cell is None

    def test_a_day_is_the_sites_day(self) -> None:
        late = admitted(fields={"entry_time": "2026-03-01T23:59:59+08:00"}).cell

        assert late is not None
        assert late.day == "2026-03-01"


class TestFieldTypes:
    def test_a_time_that_this_channel_does_not_bring_is_not_filled_in(self) -> None:
        pack = with_field(a_field("entry_time", channels=(Channel.KIOSK,)))

        found = verdict(pack=pack, fields={"exit_time": "2026-03-02T09:00:00+08:00"})

        assert isinstance(found, Admitted), codes(found)
        assert "entry_time" not in contents(found)

    def test_every_type_of_field_can_be_kept(self) -> None:
        for kind in FieldType:
            pack = with_field(a_rule(kind, name="extra", values=("甲",)))
            value = {
                FieldType.CODE: "甲",
                FieldType.COUNT: 1,
                FieldType.TIME: START.isoformat(),
                FieldType.VERIFICATION: {"type": "甲", "result": "pass", "time": START.isoformat()},
                FieldType.ATTACHMENT: {"ref": "device-1_0001", "media_type": "image/png"},
                FieldType.MOBILE: MOBILE,
                FieldType.PLATE: "京A00000",
            }.get(kind, "示例")

            assert "extra" in contents(admitted(fields={"extra": value}, pack=pack))
