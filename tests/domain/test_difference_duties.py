"""What a site does around its records is part of what changes for people."""

from dataclasses import replace

import pytest

from compliance.domain.difference import Direction, compare
from compliance.domain.policy import Device, Pack, Recording, SiteDuties
from compliance.domain.schedule import Period
from tests.builders import a_pack

CAMERA = Device(name="north-camera", kind="camera", location="gate")
FOOTAGE = Recording(name="gate-video", kind="video", keep=Period.parse("P30D"))


def a_site(duties: SiteDuties) -> Pack:
    pack = a_pack()
    return replace(pack, site=replace(pack.site, duties=duties))


def told(was: SiteDuties, now: SiteDuties) -> list[tuple[str, Direction]]:
    return [(change.aspect, change.direction) for change in compare(a_site(was), a_site(now)).changes]


@pytest.mark.parametrize(
    ("less", "more", "aspect"),
    [
        (SiteDuties(), SiteDuties(devices=(CAMERA,)), "devices"),
        (SiteDuties(), SiteDuties(recordings=(FOOTAGE,)), "recordings"),
        (
            SiteDuties(recordings=(FOOTAGE,)),
            SiteDuties(recordings=(replace(FOOTAGE, keep=Period.parse("P60D")),)),
            "recordings",
        ),
    ],
    ids=["a device", "a recording", "a longer recording"],
)
def test_one_way_widens_and_the_way_back_narrows(less: SiteDuties, more: SiteDuties, aspect: str) -> None:
    assert told(less, more) == [(aspect, Direction.WIDENS)]
    assert told(more, less) == [(aspect, Direction.NARROWS)]


@pytest.mark.parametrize("change", [{"kind": "face_reader"}, {"location": "lift"}])
def test_a_device_of_another_kind_or_place_widens(change: dict[str, str]) -> None:
    moved = SiteDuties(devices=(replace(CAMERA, **change),))

    assert told(SiteDuties(devices=(CAMERA,)), moved) == [("devices", Direction.WIDENS)]


def test_another_deadline_is_told_and_neutral() -> None:
    later = SiteDuties(working_days=10, complaint_days=5)

    assert told(SiteDuties(), later) == [
        ("working_days", Direction.NEUTRAL),
        ("complaint_days", Direction.NEUTRAL),
    ]
