"""The values that a policy file is made of: names, sentences, periods, days and the words of the closed lists."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any

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
    members = {member.value: member for member in word}

    def read(value: Any) -> Any:
        return members.get(value, value) if isinstance(value, str) else value

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


def _day(value: Any) -> date:
    if not isinstance(value, str):
        raise ValueError("day")
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError("day") from None


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
ADay = Annotated[date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
AName = Annotated[str, Field(pattern=NAME)]
ABasis = Annotated[Basis, _words(Basis)]
ABasisProfile = Annotated[BasisProfile, _words(BasisProfile)]
AChannel = Annotated[Channel, _words(Channel)]
AConsentKind = Annotated[ConsentKind, _words(ConsentKind)]
AFate = Annotated[Fate, _words(Fate)]
AFieldType = Annotated[FieldType, _words(FieldType)]
AMode = Annotated[Mode, _words(Mode)]
AOnIdentifier = Annotated[OnIdentifier, _words(OnIdentifier)]


class ActionsFile(Model):
    """What is done about an identifier in free text, by how sure the detectors are."""

    certain: AOnIdentifier = OnIdentifier.REFUSE
    possible: AOnIdentifier = OnIdentifier.FLAG


def _actions(value: Any) -> Any:
    """Read ``on_identifier: strip`` as ``on_identifier: {certain: strip}``."""
    if isinstance(value, str):
        if value not in [action.value for action in OnIdentifier]:
            raise ValueError("on_identifier")
        return {"certain": value}
    return value


_ACTION_SCHEMA = {"type": "string", "enum": [action.value for action in OnIdentifier]}
_ACTIONS_SCHEMA = {
    "anyOf": [
        _ACTION_SCHEMA,
        {
            "type": "object",
            "properties": {"certain": _ACTION_SCHEMA, "possible": _ACTION_SCHEMA},
            "additionalProperties": False,
        },
    ],
    "description": "文字里发现证件号等怎么办：refuse 退回，strip 略去这一项，flag 照收并提示；可按 certain 确定、possible 可能分写"
    " / what is done about identifiers in the text, by how sure the detectors are",
}
AActions = Annotated[ActionsFile, BeforeValidator(_actions), WithJsonSchema(_ACTIONS_SCHEMA)]
AReasonCode = Annotated[ReasonCode, _words(ReasonCode)]
ARole = Annotated[Role, _words(Role)]
ASensitivity = Annotated[Sensitivity, _words(Sensitivity)]
AShowAs = Annotated[ShowAs, _words(ShowAs)]
AStoreForm = Annotated[StoreForm, _words(StoreForm)]
