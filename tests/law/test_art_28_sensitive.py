"""PIPL 28, 51: what is sensitive is collected only where it must be, sealed, and shown to few."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from compliance.bootstrap import Engine
from compliance.domain.vocabulary import Role, Sensitivity, ShowAs, StoreForm
from tests.builders import GUARD, a_pack, a_submission, an_engine, bytes_at_rest

SENSITIVE = [
    (category, rule.name)
    for category, policy in sorted(a_pack().categories.items())
    for rule in policy.fields.values()
    if rule.sensitivity is Sensitivity.SENSITIVE
]


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    with an_engine(tmp_path) as engine:
        yield engine


class TestParagraph2:
    @pytest.mark.parametrize(("category", "name"), SENSITIVE)
    def test_a_sensitive_field_says_why_it_is_needed(self, category: str, name: str) -> None:
        rule = a_pack().categories[category].fields[name]

        assert len(rule.necessity) >= 10
        assert rule.purpose in a_pack().site.purposes

    @pytest.mark.parametrize(("category", "name"), SENSITIVE)
    def test_a_guard_never_sees_a_sensitive_value_whole(self, category: str, name: str) -> None:
        rule = a_pack().categories[category].fields[name]
        guards = any(Role.GUARD in roles for roles in rule.read_by.values())

        assert not guards or rule.show_as is not ShowAs.FULL or rule.store is StoreForm.VERIFY_ONLY

    def test_a_plate_is_sensitive(self) -> None:
        assert ("vehicle", "plate_no") in SENSITIVE

    def test_a_guard_sees_a_plate_in_part(self, engine: Engine) -> None:
        raw = a_submission(category="vehicle") | {"fields": {"plate_no": "京A12345"}}
        record = engine.gate.write(raw).record

        shown = str(engine.reader.read(record, "parking", GUARD).fields["plate_no"])

        assert "12345" not in shown
        assert "*" in shown

    def test_a_plate_is_sealed_at_rest(self, engine: Engine, tmp_path: Path) -> None:
        engine.gate.write(a_submission(category="vehicle") | {"fields": {"plate_no": "京AZ98Z7"}})

        assert not any("京AZ98Z7".encode() in content for content in bytes_at_rest(tmp_path).values())
