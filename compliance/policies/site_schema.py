"""The shape of site.yaml: who is responsible, where, with which devices, and what the site does around its records.

A key that is left out means what the product does by itself; what is written is held to the lint rules.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from compliance.domain.vocabulary import BasisProfile, Mode
from compliance.policies.terms import ABasisProfile, ADay, ALabel, AMode, AName, APeriod, ARole, Model

DeviceKind = Literal["camera", "lpr", "kiosk", "face_terminal", "id_reader", "access_reader"]
# 视频条例 8 and 人脸办法 13 forbid the second line; whoever installs one there must say so in the words of the law.
Location = Literal[
    "gate", "lobby", "lift", "corridor", "car_park", "street", "perimeter", "common_area",
    "guest_room", "dormitory", "bathroom", "toilet", "changing_room", "nursing_room", "fitting_room", "private_space",
]  # fmt: skip
Method = Literal[
    "face", "fingerprint", "palm", "iris", "voice", "id_reader", "image", "plate", "card", "qr", "code", "intercom", "guard"
]  # fmt: skip


class PartyFile(Model):
    name: str = Field(min_length=1)
    contact: str = Field(min_length=1)


class OfficerFile(PartyFile):
    """个人信息保护负责人 (PIPL 52)."""

    contact_public: bool = Field(default=True, description="联系方式是否公开 / whether the contact is public")
    appointed_on: ADay | None = Field(default=None, description="正式指定的日期 / the day of the appointment")


class RecipientFile(PartyFile):
    """Somebody who receives data (PIPL 23): who, what for, how, which fields, until when."""

    purpose: str = Field(min_length=1)
    method: str = Field(default="", description="处理方式 / the method of processing")
    fields: Annotated[list[AName], Field(min_length=1)]
    law_ref: str = ""
    until: str = ""


class EntrustedFile(RecipientFile):
    """Somebody who works on our behalf (PIPL 21): with what the agreement has to say."""

    measures: str = Field(default="", description="约定的保护措施 / the protection measures agreed")
    duties: str = Field(default="", description="双方的权利和义务 / the rights and duties of both sides")


class OpinionFile(Model):
    """Counsel's written opinion that the duty profile rests on."""

    id: str = Field(min_length=1)
    date: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}$")


class LoweredFile(Model):
    """Why a kind of information is treated as less than sensitive here (requirements 0.3a.4)."""

    assessment: str = Field(min_length=1, description="评估结论的编号 / the assessment's number")
    on: ADay
    by: str = Field(min_length=1)


class KeyTargetFile(Model):
    """The document that names the site a counter-terrorism key target (反恐法 32)."""

    document: str = Field(min_length=1)


class DeviceFile(Model):
    name: AName
    kind: DeviceKind
    location: Location
    signage_checked_at: ADay | None = Field(
        default=None, description="提示标识最近一次巡检 / the sign's last check"
    )
    discard_non_entering: bool = Field(
        default=False, description="未进入者的抓拍 24 小时内清除 / passers-by go"
    )
    clock_synchronised: bool = Field(default=False, description="时钟已同步（NTP）/ the clock is kept by NTP")


class GateFile(Model):
    name: AName
    methods: Annotated[list[Method], Field(min_length=1)]


class RecordingFile(Model):
    """Footage or an alarm record that some other system keeps: only how long is our concern."""

    name: AName
    kind: Literal["video", "alarm"]
    keep: APeriod


class EvidenceFile(Model):
    """How long what proves compliance is kept. These have a minimum, unlike records about people."""

    network_logs: APeriod | None = None
    disclosures: APeriod | None = None
    assessments: APeriod | None = None
    activities: APeriod | None = None


class BackupFile(Model):
    name: AName
    encrypted: bool
    keep: APeriod


class RequestsFile(Model):
    """How people exercise their rights here. Left out: the portal and the front desk, as the product does it."""

    channels: list[Literal["portal", "desk", "phone", "mail"]] = Field(default=["portal", "desk"])
    steps: int = Field(
        default=2, ge=1, le=20, description="从告知到提交申请要几步 / steps from notice to request"
    )
    working_days: int = Field(default=3, ge=1, le=365)
    complaint_days: int = Field(
        default=10, ge=1, le=365, description="投诉答复天数 / days to answer a complaint"
    )
    asks_for: list[AName] = Field(
        default_factory=list, description="申请表要求提供什么 / what the form asks for"
    )
    refusal: ALabel | None = Field(default=None, description="拒绝通知的文本 / the site's own refusal")
    relatives: bool = Field(default=True, description="死者近亲属能否行使权利 / whether relatives may act")


class ConsentFormFile(Model):
    """What the site's own screens and papers do; the product's own pages do none of it."""

    ticked_beforehand: bool = False
    bundled: bool = False
    by_poster: bool = False


class PaperFile(Model):
    page: Literal["slip", "shared"]


class TrackFile(Model):
    """What can be asked by plate or mobile number."""

    across_sites: bool = False
    beyond_period: bool = False


class DenialFile(Model):
    """A machine that refuses entry by itself (PIPL 24(3), 55)."""

    human_review: bool


class RegionsFile(Model):
    """Where what is stored lies: CN, or a part of the mainland such as CN-ZJ."""

    storage: str = "CN"
    backup: str = "CN"
    analytics: str = "CN"


class AssessmentFile(Model):
    """An impact assessment (PIPL 55, 56) that is kept elsewhere, and what it was made of.

    Left out: `policy assess` makes one, and publishing asks for it. `scope_hash` is what `policy check` prints.
    """

    id: str = Field(min_length=1)
    status: Literal["draft", "approved", "rejected"]
    approved_on: ADay | None = None
    by: str = ""
    scope_hash: str = ""
    review_by: ADay | None = Field(default=None, description="复评日期，最长三年 / when to look again")
    incident_on: ADay | None = Field(
        default=None, description="最近一次重大安全事件 / the last major incident"
    )


class EmergencyFile(Model):
    """A kind of emergency that may be opened here (PIPL 13(1)(4), 突发事件应对法 84, 85): bounded, then destroyed.

    It is opened with `compliance emergency open`, by a named person with the authority's document. Which fields it brings
    stands in each category under `emergency`.
    """

    label: ALabel
    longest: APeriod = Field(description="一次启动最长多久 / how long it is open at most, from its opening")


class ObserveFile(Model):
    """Who approved that the gate only watches, and from which day to which: fourteen days at most, then `strip`."""

    by: str = Field(default="", description="批准人工号，如 staff-9 / the approver's staff id")
    since: ADay | None = Field(default=None, description="第一天 / the first day")
    until: ADay | None = Field(default=None, description="最后一天，连首尾最多 14 天 / the last day")


class AcceptedFile(Model):
    """A warning that a named person takes upon themselves, for a while."""

    rule: str
    where: str = Field(
        description="提示中的位置，如 visitor.retention.keep / the place, as policy check names it"
    )
    by: str = Field(min_length=1)
    reason: str = Field(min_length=4, max_length=400)
    until: ADay


class SiteFile(Model):
    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,31}$")] = "main"
    label: ALabel
    controller: PartyFile
    officer: OfficerFile
    complaints: PartyFile
    timezone: str
    jurisdictions: Annotated[list[str], Field(min_length=1)]
    basis_profile: ABasisProfile = BasisProfile.CONSENT
    counsel_opinion: OpinionFile | None = None
    mode: AMode = Mode.ENFORCE
    observe: ObserveFile | None = Field(default=None, description="mode: observe 时必填 / for mode: observe")
    public_url: str = ""
    shown_first: list[AName] = Field(default_factory=list)
    purposes: Annotated[dict[AName, ALabel], Field(min_length=1)]
    recipients: list[RecipientFile] = Field(default_factory=list)
    entrusted: list[EntrustedFile] = Field(default_factory=list)
    backup_days: int = Field(default=30, ge=0, le=90)
    tally_floor: int = Field(default=20, ge=20, le=1000)
    place_class: Literal["art7_listed", "other_public", "non_public"] = Field(
        default="other_public", description="场所类别（视频条例 7、9、33）/ the class of the place"
    )
    guarded: bool = Field(default=True, description="是否有保安服务（保安条例）/ whether guards serve here")
    key_target: KeyTargetFile | None = None
    group_subject_count: int = Field(
        default=0, ge=0, description="集团合计处理多少人的信息 / persons, group-wide"
    )
    sensitivity_profile: dict[AName, LoweredFile] = Field(default_factory=dict)
    devices: list[DeviceFile] = Field(default_factory=list, max_length=2000)
    gates: list[GateFile] = Field(default_factory=list, max_length=500)
    recordings: list[RecordingFile] = Field(default_factory=list, max_length=200)
    evidence: EvidenceFile = EvidenceFile()
    exports: dict[ARole, Literal["none", "own", "all"]] = Field(default_factory=dict)
    regions: RegionsFile = RegionsFile()
    backups: list[BackupFile] = Field(default_factory=list, max_length=50)
    requests: RequestsFile = RequestsFile()
    consent_form: ConsentFormFile = ConsentFormFile()
    paper: PaperFile | None = None
    track_queries: TrackFile = TrackFile()
    automated_denial: DenialFile | None = None
    pia: AssessmentFile | None = None
    emergencies: dict[AName, EmergencyFile] = Field(default_factory=dict, max_length=20)
    accepted: list[AcceptedFile] = Field(default_factory=list, max_length=500)
