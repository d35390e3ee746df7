"""Rules about devices, gates and footage (PIPL 26, 视频条例, 保安条例, 人脸办法)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from compliance.policies.drafts import SiteDraft
from compliance.policies.fault import Severity
from compliance.policies.lint.bounds import Bound, bounds
from compliance.policies.lint.days import shortest_days
from compliance.policies.lint.rule import Rule, Spot, rule
from compliance.policies.overlays import applying
from compliance.policies.site_schema import RecordingFile

CAPTURES = frozenset({"camera", "lpr"})  # these take in whoever passes
IMAGES = frozenset({"camera", "lpr", "kiosk", "face_terminal"})
FORBIDDEN = frozenset(
    {"guest_room", "dormitory", "bathroom", "toilet", "changing_room", "nursing_room", "fitting_room", "private_space"}
)  # fmt: skip
SIGN_CHECKED = timedelta(days=90)  # an engine choice: the law asks for the sign, not for a round
FOOTAGE_DAYS, KEY_TARGET_DAYS = 30, 90


@rule(
    "L-017",
    "PIPL 6(2), 网数条例 24",
    zh="“{x}”未设置对未进入车辆/行人的抓拍清除",
    en="{x} keeps what it captures of passers-by",
    instead="discard_non_entering: true",
)
def passers_by_are_not_kept(draft: SiteDraft) -> Iterator[Spot]:
    for number, device in enumerate(draft.file.devices):
        if device.kind in CAPTURES and not device.discard_non_entering:
            yield Spot(path=("devices", number), words={"x": device.name})


@rule(
    "L-090",
    "PIPL 26, 视频条例 13",
    zh="“{x}”缺少提示标识巡检记录（每90天一次为本系统规则）",
    en="The sign of {x} was not checked (every 90 days is a house rule)",
    instead="signage_checked_at: 巡检日期 / the day of the check",
    severity=Severity.WARNING,
)
def signs_are_looked_after(draft: SiteDraft) -> Iterator[Spot]:
    for number, device in enumerate(draft.file.devices):
        checked = device.signage_checked_at
        stale = checked is not None and draft.day is not None and draft.day - checked > SIGN_CHECKED
        if device.kind in IMAGES and (checked is None or stale):
            path = ("devices", number, "signage_checked_at") if checked else ("devices", number)
            yield Spot(path=path, words={"x": device.name})


@rule(
    "L-091",
    "视频条例 8(1), 人脸办法 13",
    zh="禁止在该位置安装图像采集设备：{x}",
    en="No image-capturing device may be installed there: {x}",
    instead="拆除，或改到公共通道 / take it down, or put it where people pass",
)
def no_device_looks_into_private_rooms(draft: SiteDraft) -> Iterator[Spot]:
    for number, device in enumerate(draft.file.devices):
        if device.kind in IMAGES and device.location in FORBIDDEN:
            yield Spot(path=("devices", number, "location"), words={"x": device.name})


@rule(
    "L-092",
    "E",
    zh="“{x}”的时钟未校准，影响保存期限计算",
    en="The clock of {x} is not synchronised: periods would be counted wrongly",
    instead="clock_synchronised: true（设备已配置 NTP 后填写 / once NTP is set up）",
    severity=Severity.WARNING,
)
def clocks_agree(draft: SiteDraft) -> Iterator[Spot]:
    for number, device in enumerate(draft.file.devices):
        if not device.clock_synchronised:
            yield Spot(path=("devices", number), words={"x": device.name})


@rule(
    "L-046",
    "{law}",
    zh="不得以人脸（身份识别）作为出入的唯一验证方式：{x}",
    en="Face or identity recognition must not be the only way in: {x}",
    instead="methods: […, card]，增加刷卡、二维码或人工 / add a card, a code or a person",
)
def there_is_another_way_in(draft: SiteDraft) -> Iterator[Spot]:
    for number, gate in enumerate(draft.file.gates):
        articles = [
            overlay.sole_way_in.article
            for overlay in applying(draft.file.jurisdictions)
            if overlay.sole_way_in is not None and set(gate.methods) <= set(overlay.sole_way_in.methods)
        ]
        if articles:
            yield Spot(path=("gates", number, "methods"), words={"x": gate.name, "law": ", ".join(articles)})


@rule(
    "L-033",
    "{law}",
    zh="监控影像、报警记录至少留存30日：{x}",
    en="Footage and alarm records are kept at least 30 days: {x}",
    instead="keep: 30d",
)
def footage_is_kept_thirty_days(draft: SiteDraft) -> Iterator[Spot]:
    for number, recording in enumerate(draft.file.recordings):
        listed = draft.file.place_class == "art7_listed" and recording.kind == "video"
        article = "保安条例 25(2)" if draft.file.guarded else "视频条例 17" if listed else ""
        if article and shortest_days(recording.keep) < FOOTAGE_DAYS:
            yield Spot(path=("recordings", number, "keep"), words={"x": recording.name, "law": article})


@rule(
    "L-037",
    "反恐法 32(3)",
    zh="重点目标视频图像保存不得少于九十日：{x}",
    en="A key target keeps video at least ninety days: {x}",
    instead="keep: 90d",
)
def a_key_target_keeps_video_ninety_days(draft: SiteDraft) -> Iterator[Spot]:
    for number, recording in enumerate(draft.file.recordings):
        short = shortest_days(recording.keep) < KEY_TARGET_DAYS
        if draft.file.key_target is not None and recording.kind == "video" and short:
            yield Spot(path=("recordings", number, "keep"), words={"x": recording.name})


def _bound(draft: SiteDraft, recording: RecordingFile) -> Bound:
    target = draft.file.key_target is not None and recording.kind == "video"
    return bounds().key_target if target else bounds().recordings


@rule(
    "L-032",
    "E",
    zh="影像保存期限超过建议上限{n}天，须由负责人审批并说明",
    en="Footage is kept above the soft ceiling of {n} days: the officer approves it, with a reason",
    instead="keep: {n}d 以内 / at most {n}d",
    severity=Severity.WARNING,
)
def footage_above_the_soft_ceiling_is_signed(draft: SiteDraft) -> Iterator[Spot]:
    for number, recording in enumerate(draft.file.recordings):
        bound = _bound(draft, recording)
        if bound.soft.longest_days < recording.keep.longest_days <= bound.hard.longest_days:
            yield Spot(path=("recordings", number, "keep"), words={"n": str(bound.soft.longest_days)})


@rule(
    "L-03B",
    "E",
    zh="影像保存期限超过本系统硬上限{n}天",
    en="Footage is kept above this system's hard ceiling of {n} days",
    instead="keep: {n}d 以内 / at most {n}d",
)
def footage_is_under_the_hard_ceiling(draft: SiteDraft) -> Iterator[Spot]:
    for number, recording in enumerate(draft.file.recordings):
        hard = _bound(draft, recording).hard.longest_days
        if recording.keep.longest_days > hard:
            yield Spot(path=("recordings", number, "keep"), words={"n": str(hard)})


RULES: tuple[Rule[SiteDraft], ...] = (
    passers_by_are_not_kept,
    signs_are_looked_after,
    no_device_looks_into_private_rooms,
    clocks_agree,
    there_is_another_way_in,
    footage_is_kept_thirty_days,
    a_key_target_keeps_video_ninety_days,
    footage_above_the_soft_ceiling_is_signed,
    footage_is_under_the_hard_ceiling,
)
