"""The shape of a category's file, as models: every key it may use, and nothing beside them.

Evolution: a key once shipped keeps its meaning; a new one comes with a default. The descriptions are what an editor
shows when the officer hovers over a key.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from compliance.domain.vocabulary import ShowAs, StoreForm
from compliance.policies.terms import (
    AActions,
    ABasis,
    AChannel,
    AConsentKind,
    ActionsFile,
    AFate,
    AFieldType,
    ALabel,
    AMoment,
    AName,
    APeriod,
    AReasonCode,
    ARole,
    ASensitivity,
    AShowAs,
    AStart,
    AStoreForm,
    Model,
)


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


class FaceFile(Model):
    """How a face template is kept (人脸办法 4–10). It never comes to us: the device keeps it, and compares."""

    store: Literal["device", "server"] = Field(
        description="人脸模板存在哪里：只能是设备内 / where it is kept"
    )
    transport: Literal["none", "local", "internet"] = "none"
    consented_elsewhere: bool = Field(
        default=False,
        description="本人已单独同意存于设备外或经互联网传输 / separately agreed to by the person",
    )
    withdraw: list[AChannel] = Field(
        default_factory=list, description="怎样撤回同意 / where consent is withdrawn"
    )
    originals: bool = Field(default=False, description="是否留存原始照片 / whether raw pictures are kept")


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
    on_identifier: AActions = ActionsFile()
    auto: bool = False
    amendable: bool = False
    under_duty: bool = False
    channels: list[AChannel] = Field(default_factory=list)
    face: FaceFile | None = Field(
        default=None, description="只用于人脸字段，默认不用 / for a face field only"
    )
    say: dict[AReasonCode, ALabel] = Field(default_factory=dict)


class MinorsFile(Model):
    """What a category that registers children under fourteen needs (PIPL 31)."""

    guardian_consent: bool
    rules: str = Field(default="", description="专门的个人信息处理规则（文件名或网址）/ the special rules")


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
    under_14: MinorsFile | None = Field(
        default=None,
        description="登记不满十四周岁的未成年人时填写 / where children under fourteen are registered",
    )
    tasks: list[AName] = Field(default_factory=list, description="当地要求的报送等任务 / duties of the place")


class CollectionCase(Model):
    """What is handed in, and the verdict with its exact reasons."""

    submit: dict[str, Any]
    expect: Literal["admitted", "flagged", "stripped", "refused"]
    because: list[str] = Field(default_factory=list, description="code:field, e.g. over_collection:id_number")
    channel: AChannel | None = None
    at: AMoment | None = None
    declined: dict[AName, AName] = Field(default_factory=dict)
    notice: bool = Field(default=True, description="false: nobody was told")
    emergency: AName | None = Field(default=None, description="an emergency that is open at that moment")
    consent: bool | list[str] = Field(default=True, description="false: nobody agreed; a list: only to these")


class RetentionCase(Model):
    """What happened to a record, and what remains of it (or of one field) at an instant."""

    collected_at: AMoment | None = None
    left: AMoment | None = Field(default=None, description="when the period's start event happened")
    facts: dict[AName, AMoment] = Field(default_factory=dict, description="time fields by name")
    field: AName | None = None
    over: AMoment | None = Field(default=None, description="when the emergency that brought the field ended")
    on: AMoment
    expect: Literal["kept", "restricted", "erased", "anonymised"]


class CategoryFile(CategoryHead):
    fields: Annotated[dict[AName, FieldFile], Field(min_length=1, max_length=60)]
    emergency: dict[AName, dict[AName, FieldFile]] = Field(
        default_factory=dict,
        description="应急期间增加的字段 / what an emergency brings, by its name in site.yaml",
    )
    cases: list[dict[str, CollectionCase | RetentionCase]] = Field(default_factory=list)
