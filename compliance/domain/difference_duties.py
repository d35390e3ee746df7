"""What a site does around its records, before and after: its cameras and readers, its footage, its own deadlines."""

from __future__ import annotations

from collections.abc import Iterator

from compliance.domain.change import Change, Direction, Spot
from compliance.domain.period_order import never_longer
from compliance.domain.policy import Site


def duty_changes(was: Site, now: Site, at: Spot) -> Iterator[Change]:
    yield from _devices(was, now)
    yield from _recordings(was, now)
    for aspect, zh, en, before, after in (
        ("working_days", "个人申请的答复目标", "the target for answering a request",
         was.duties.working_days, now.duties.working_days),
        ("complaint_days", "投诉答复期限", "the time to answer a complaint",
         was.duties.complaint_days, now.duties.complaint_days),
    ):  # fmt: skip
        if before != after:
            # Nothing more or less is collected or kept by it, but people are told.
            text = (f"{zh}由{before}天改为{after}天", f"{en} is {after} days, before {before}")
            yield at.change(aspect, Direction.NEUTRAL, *text)


def _devices(was: Site, now: Site) -> Iterator[Change]:
    before = {device.name: device for device in was.duties.devices}
    after = {device.name: device for device in now.duties.devices}
    for name in dict.fromkeys([*before, *after]):
        spot = Spot(zh=f"设备{name}", en=f"device {name}")
        if name not in before:
            yield spot.change("devices", Direction.WIDENS, "新增", "new")
        elif name not in after:
            yield spot.change("devices", Direction.NARROWS, "撤除", "taken away")
        elif before[name] != after[name]:
            yield spot.change("devices", Direction.WIDENS, "类型或位置有改动", "another kind or place")


def _recordings(was: Site, now: Site) -> Iterator[Change]:
    before = {one.name: one for one in was.duties.recordings}
    after = {one.name: one for one in now.duties.recordings}
    for name in dict.fromkeys([*before, *after]):
        spot = Spot(zh=f"录像或报警记录{name}", en=f"recording {name}")
        if name not in before:
            yield spot.change("recordings", Direction.WIDENS, "新增", "new")
        elif name not in after:
            yield spot.change("recordings", Direction.NARROWS, "不再录制", "no longer made")
        elif before[name].kind != after[name].kind:
            yield spot.change("recordings", Direction.WIDENS, "种类有改动", "of another kind")
        elif before[name].keep != after[name].keep:
            old, new = before[name].keep, after[name].keep
            less, more = never_longer(new, old, now.timezone), never_longer(old, new, now.timezone)
            yield spot.moved(
                "recordings", less, more, f"保存{new.zh}，原为{old.zh}", f"kept {new.en}, before {old.en}"
            )
