"""PIPL 31: children are counted, and not identified."""

from typing import Any

import pytest

from compliance.domain.collection import Admitted
from compliance.domain.vocabulary import FieldType
from tests.builders import SPOKEN, a_pack, a_pack_with, codes, verdict


@pytest.mark.parametrize("name", ["companion_names", "child_name", "birth_date", "age", "school"])
def test_nothing_about_a_child_is_collected(name: str) -> None:
    assert codes(verdict(fields={name: "x"})) == {f"over_collection:{name}"}


def test_children_come_as_a_number() -> None:
    rule = a_pack().categories["visitor"].fields["party_size"]

    assert rule.type is FieldType.COUNT
    assert codes(verdict(fields={"party_size": 2})) == set()
    assert codes(verdict(fields={"party_size": "小明和小红"})) == {"bad_format:party_size"}


class TestGuardians:
    """A register that says it holds children takes a guardian's act for each item, and nobody else's."""

    FIELDS = ("visitor_name", "host_room", "entry_time")

    def told(self, *acts: dict[str, Any], children: bool = True) -> set[str]:
        return codes(verdict(consent=list(acts), pack=a_pack_with("visitor", children=children)))

    def act(self, name: str, **changes: Any) -> dict[str, Any]:
        return {"kind": "guardian", "by": "guardian", "act": "spoken", "covers": [name], **changes}

    def test_a_guardian_consents_to_each_item(self) -> None:
        assert self.told(*(self.act(name) for name in self.FIELDS)) == set()

    def test_what_the_guardian_did_not_name_is_not_taken(self) -> None:
        assert self.told(*(self.act(name) for name in self.FIELDS[:2])) == {"no_consent:entry_time"}

    def test_a_child_does_not_consent_for_itself(self) -> None:
        assert self.told(SPOKEN) == {"no_consent"}
        assert self.told(*(self.act(name, by="self") for name in self.FIELDS)) == {"no_consent"}

    def test_a_guardian_gives_no_consent_to_everything_at_once(self) -> None:
        bundled = {"kind": "guardian", "by": "guardian", "act": "spoken", "covers": list(self.FIELDS)}

        assert self.told(bundled) != set()
        assert self.told({"kind": "plain", "by": "guardian", "act": "spoken"}) != set()

    def test_a_register_without_rules_for_children_identifies_none(self) -> None:
        acts = [self.act(name) for name in self.FIELDS]

        assert self.told(*acts, children=False) == {"no_consent"}

    def test_the_refusal_says_to_count_instead(self) -> None:
        found = verdict(consent=[self.act("visitor_name")])

        assert not isinstance(found, Admitted)
        ((zh, article),) = [(one.zh, one.article) for one in found.reasons]
        assert "人数" in zh
        assert article == "PIPL 31"
