"""PIPL 6: a clear and reasonable purpose, the smallest scope, no over-collection."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from compliance.bootstrap import Engine
from compliance.domain.errors import CollectionRefused
from tests.builders import MOBILE, a_pack, a_submission, an_engine, bytes_at_rest, codes, sql

ID_NUMBER = "100000199001012345"
NOBODY_COLLECTS = [
    *(
        "id_number",
        "id_photo",
        "health_code",
        "face",
        "companion_names",
        "host_name",
        "身份证号",
        "fingerprint",
    ),
]


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    with an_engine(tmp_path) as engine:
        yield engine


class TestParagraph1:
    @pytest.mark.parametrize("category", sorted(a_pack().categories))
    def test_every_field_is_there_for_a_purpose_that_the_site_names(self, category: str) -> None:
        for rule in a_pack().categories[category].fields.values():
            assert rule.purpose in a_pack().site.purposes
            assert len(rule.necessity) >= 10

    @pytest.mark.parametrize("category", sorted(a_pack().categories))
    def test_every_field_is_read_for_purposes_that_the_site_names(self, category: str) -> None:
        for rule in a_pack().categories[category].fields.values():
            assert set(rule.read_by) <= set(a_pack().site.purposes)


class TestParagraph2:
    @pytest.mark.parametrize("name", NOBODY_COLLECTS)
    @pytest.mark.parametrize("category", ["visitor", "delivery", "service", "vehicle"])
    def test_what_the_register_does_not_need_is_refused_by_name(
        self, engine: Engine, category: str, name: str
    ) -> None:
        with pytest.raises(CollectionRefused) as refused:
            engine.gate.write(a_submission(category=category) | {"fields": {name: "x"}})

        assert f"over_collection:{name}" in codes(refused.value.reasons)
        assert all(one.zh and one.article for one in refused.value.reasons)

    def test_a_courier_may_not_be_asked_for_an_id_number(self, engine: Engine, tmp_path: Path) -> None:
        fields = {"platform": "顺丰", "dest_building": "3栋", "id_number": ID_NUMBER}

        with pytest.raises(CollectionRefused) as refused:
            engine.gate.write(a_submission(category="delivery") | {"fields": fields})

        assert codes(refused.value.reasons) == {"over_collection:id_number"}
        assert sql(engine, "SELECT count(*) FROM holding") == [(0,)]
        assert not any(ID_NUMBER.encode() in content for content in bytes_at_rest(tmp_path).values())

    @pytest.mark.parametrize("text", ["身份证100000199001010011", f"电话{MOBILE}", "一九四零零零零零零零一"])
    def test_over_collection_does_not_hide_in_free_text(self, engine: Engine, text: str) -> None:
        raw = a_submission(category="short_stay_guest")
        fields = {
            "guest_name": "李女士",
            "room": "3-1-1201",
            "stay_to": "2026-03-05T10:00:00+08:00",
            "host_operator": text,
        }

        with pytest.raises(CollectionRefused) as refused:
            engine.gate.write(raw | {"fields": fields})

        assert codes(refused.value.reasons) == {"identifier_in_text:host_operator"}

    def test_a_camera_lane_brings_no_telephone_number(self, engine: Engine) -> None:
        raw = a_submission(category="vehicle", channel="lpr", notice={"mode": "posted"}, consent=None)

        with pytest.raises(CollectionRefused) as refused:
            engine.gate.write(raw | {"fields": {"plate_no": "京A00000", "driver_phone": MOBILE}})

        assert codes(refused.value.reasons) == {"wrong_channel:driver_phone"}

    def test_a_check_of_a_document_leaves_its_result_and_never_its_number(self, engine: Engine) -> None:
        check = {
            "type": "electrician",
            "result": "pass",
            "time": "2026-03-02T10:00:00+08:00",
            "number": ID_NUMBER,
        }

        with pytest.raises(CollectionRefused) as refused:
            engine.gate.write(a_submission(category="service") | {"fields": {"cert_check": check}})

        assert "over_collection:cert_check" in codes(refused.value.reasons)
