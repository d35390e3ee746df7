"""The shape of the YAML files, as models: every key a pack may use, and nothing beside them.

Evolution: a key once shipped keeps its meaning; a new one comes with a default. The descriptions are what an editor
shows when the officer hovers over a key.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema

from compliance.domain.errors import PeriodInvalid
from compliance.domain.schedule import Period, Start
from compliance.domain.vocabulary import (
    Basis,
    BasisProfile,
    Channel,
    ConsentKind,
    Fate,
    FieldType,
    Mode,
    OnIdentifier,
    ReasonCode,
    Role,
    Sensitivity,
    ShowAs,
    StoreForm,
)

NAME = r"^[a-z][a-z0-9_]{0,63}$"


class Model(BaseModel):
    """A mapping with closed keys. Nothing is coerced: a number where text belongs is a fault."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, arbitrary_types_allowed=True)


def _period(value: Any) -> Period:
    if not isinstance(value, str):
        raise ValueError("period")
    try:
        return Period.parse(value)
    except PeriodInvalid:
        raise ValueError("period") from None


def _start(value: Any) -> Start:
    if not isinstance(value, str):
        raise ValueError("start")
    try:
        return Start.parse(value)
    except PeriodInvalid:
        raise ValueError("start") from None


def _words(word: type[StrEnum]) -> BeforeValidator:
    """Turn text into a member of a closed list: strict models take members only, and YAML has text only."""

    def read(value: Any) -> Any:
        if isinstance(value, str) and value in set(word):
            return word(value)
        return value

    return BeforeValidator(read)


def _text(value: Any) -> Any:
    """Read ``label: 姓名`` as ``label: {zh: 姓名}``."""
    return {"zh": value} if isinstance(value, str) else value


def _moment(value: Any) -> datetime:
    if not isinstance(value, str):
        raise ValueError("moment")
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise ValueError("moment") from None
    if moment.tzinfo is None:
        raise ValueError("moment")
    return moment


class TextFile(Model):
    """A sentence for people, Chinese first."""

    zh: str = Field(min_length=1, max_length=400)
    en: str = Field(default="", max_length=400)


_PERIOD_SCHEMA = {
    "type": "string",
    "examples": ["30d", "24h", "P6M"],
    "description": "P6M, P30D, PT24H, 30d, 24h",
}
_START_SCHEMA = {"type": "string", "examples": ["exit_time", "entry_time + 24h", "collected_at"]}
APeriod = Annotated[Period, BeforeValidator(_period), WithJsonSchema(_PERIOD_SCHEMA), PlainSerializer(str)]
AStart = Annotated[Start, BeforeValidator(_start), WithJsonSchema(_START_SCHEMA), PlainSerializer(str)]
_LABEL_SCHEMA = {
    "anyOf": [
        {"type": "string"},
        {
            "type": "object",
            "properties": {"zh": {"type": "string"}, "en": {"type": "string"}},
            "required": ["zh"],
            "additionalProperties": False,
        },
    ]
}
ALabel = Annotated[TextFile, BeforeValidator(_text), WithJsonSchema(_LABEL_SCHEMA)]
AMoment = Annotated[
    datetime, BeforeValidator(_moment), WithJsonSchema({"type": "string", "format": "date-time"})
]
AName = Annotated[str, Field(pattern=NAME)]
ABasis = Annotated[Basis, _words(Basis)]
ABasisProfile = Annotated[BasisProfile, _words(BasisProfile)]
AChannel = Annotated[Channel, _words(Channel)]
AConsentKind = Annotated[ConsentKind, _words(ConsentKind)]
AFate = Annotated[Fate, _words(Fate)]
AFieldType = Annotated[FieldType, _words(FieldType)]
AMode = Annotated[Mode, _words(Mode)]
AOnIdentifier = Annotated[OnIdentifier, _words(OnIdentifier)]
AReasonCode = Annotated[ReasonCode, _words(ReasonCode)]
ARole = Annotated[Role, _words(Role)]
ASensitivity = Annotated[Sensitivity, _words(Sensitivity)]
AShowAs = Annotated[ShowAs, _words(ShowAs)]
AStoreForm = Annotated[StoreForm, _words(StoreForm)]


class FloorFile(Model):
    keep: APeriod = Field(description="法定最短保存期限 / the statute's minimum")
    law_ref: str = Field(min_length=1, description="法律、行政法规条文 / the article, as law.yaml has it")


class RetentionFile(Model):
    """The category's rule."""

    starts: AStart = Field(description="从哪个时间起算 / a time field or collected_at")
    or_else: AStart = Field(description="没有该时间时从哪里起算 / from where, if that never happens")
    keep: APeriod = Field(description="保存多久 / how long")
    then: AFate = Field(description="到期怎么办：erase 删除，anonymise 匿名化")
    floor: FloorFile | None = None
    tallies: bool = Field(
        default=False, description="是否留下无法关联到个人的计数 / whether unlinked counts remain"
    )


class RetentionOverride(Model):
    """What a field says differently from its category."""

    starts: AStart | None = None
    or_else: AStart | None = None
    keep: APeriod | None = None
    then: AFate | None = None
    floor: FloorFile | None = None


class FieldFile(Model):
    label: ALabel = Field(description="名称 / the field's name for people")
    type: AFieldType
    purpose: AName = Field(description="处理目的（site.yaml 的 purposes 之一）/ one of the site's purposes")
    necessity: str = Field(max_length=400, description="为什么非收集不可（至少 10 字）/ why it is needed")
    sensitivity: ASensitivity
    basis: ABasis | dict[AName, ABasis] = Field(description="合法性基础；一条记录涉及两方时分别写 / PIPL 13")
    law_ref: str | None = None
    consent: AConsentKind | None = Field(default=None, description="敏感信息只能是 separate")
    required: bool = False
    alternative: dict[AName, str] = Field(
        default_factory=dict, description="不愿提供的人怎么办 / for those who refuse"
    )
    store: AStoreForm = StoreForm.SEALED
    show_as: AShowAs = ShowAs.FULL
    read_by: dict[AName, list[ARole]] = Field(
        default_factory=dict, description="目的 → 谁可以看 / purpose → roles"
    )
    retention: RetentionOverride | None = None
    values: list[Annotated[str, Field(min_length=1, max_length=60)]] = Field(
        default_factory=list, max_length=200
    )
    longest: int = Field(default=200, ge=1, le=2000)
    most: int = Field(default=999, ge=1, le=100_000)
    furthest: APeriod | None = Field(
        default=None, description="时间最远可以在多久以后 / how far ahead a time may lie"
    )
    on_identifier: AOnIdentifier = OnIdentifier.REFUSE
    auto: bool = False
    amendable: bool = False
    under_duty: bool = False
    channels: list[AChannel] = Field(default_factory=list)
    say: dict[AReasonCode, ALabel] = Field(default_factory=dict)


class CategoryHead(Model):
    """A category without its fields and cases."""

    category: AName
    label: ALabel
    channels: Annotated[list[AChannel], Field(min_length=1)]
    subject: list[AName] = Field(default_factory=list)
    retention: RetentionFile
    order: list[Annotated[list[AName], Field(min_length=2, max_length=2)]] = Field(default_factory=list)
    exempt: bool = False
    refusal: ALabel | None = None


class CollectionCase(Model):
    """What is handed in, and the verdict with its exact reasons."""

    submit: dict[str, Any]
    expect: Literal["admitted", "stripped", "refused"]
    because: list[str] = Field(default_factory=list, description="code:field, e.g. over_collection:id_number")
    channel: AChannel | None = None
    at: AMoment | None = None
    declined: dict[AName, AName] = Field(default_factory=dict)
    notice: bool = Field(default=True, description="false: nobody was told")
    consent: bool | list[str] = Field(default=True, description="false: nobody agreed; a list: only to these")


class RetentionCase(Model):
    """What happened to a record, and what remains of it (or of one field) at an instant."""

    collected_at: AMoment | None = None
    left: AMoment | None = Field(default=None, description="when the period's start event happened")
    facts: dict[AName, AMoment] = Field(default_factory=dict, description="time fields by name")
    field: AName | None = None
    on: AMoment
    expect: Literal["kept", "restricted", "erased", "anonymised"]


class CategoryFile(CategoryHead):
    fields: Annotated[dict[AName, FieldFile], Field(min_length=1, max_length=60)]
    cases: list[dict[str, CollectionCase | RetentionCase]] = Field(default_factory=list)


class PartyFile(Model):
    name: str = Field(min_length=1)
    contact: str = Field(min_length=1)


class RecipientFile(PartyFile):
    """Somebody who receives data (PIPL 21, 23): who, what for, which fields, until when."""

    purpose: str = Field(min_length=1)
    fields: Annotated[list[AName], Field(min_length=1)]
    law_ref: str = ""
    until: str = ""


class OpinionFile(Model):
    """Counsel's written opinion that the duty profile rests on."""

    id: str = Field(min_length=1)
    date: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}$")


class SiteFile(Model):
    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,31}$")] = "main"
    label: ALabel
    controller: PartyFile
    officer: PartyFile
    complaints: PartyFile
    timezone: str
    jurisdictions: Annotated[list[str], Field(min_length=1)]
    basis_profile: ABasisProfile = BasisProfile.CONSENT
    counsel_opinion: OpinionFile | None = None
    mode: AMode = Mode.ENFORCE
    public_url: str = ""
    shown_first: list[AName] = Field(default_factory=list)
    purposes: Annotated[dict[AName, ALabel], Field(min_length=1)]
    recipients: list[RecipientFile] = Field(default_factory=list)
    entrusted: list[RecipientFile] = Field(default_factory=list)
    backup_days: int = Field(default=30, ge=0, le=90)
    tally_floor: int = Field(default=20, ge=20, le=1000)
