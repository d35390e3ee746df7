"""The closed lists: every word a policy, a submission or a report may use, and nothing beside them.

Each member that rests on a statute carries its article, so that notices and reports print it from here.
"""

from __future__ import annotations

from enum import StrEnum


class Channel(StrEnum):
    """How a submission came to the gate."""

    DESK = "desk"
    KIOSK = "kiosk"
    MINIAPP = "miniapp"
    LPR = "lpr"
    ACCESS = "access"
    PHONE = "phone"

    @property
    def zh(self) -> str:
        return _CHANNEL_ZH[self]

    @property
    def has_person(self) -> bool:
        """Whether somebody who could refuse stands at this channel (requirements 0.3a.1)."""
        return self not in (Channel.LPR, Channel.ACCESS)


_CHANNEL_ZH = {
    Channel.DESK: "手工登记",
    Channel.KIOSK: "访客一体机",
    Channel.MINIAPP: "小程序预约",
    Channel.LPR: "车牌识别",
    Channel.ACCESS: "门禁/梯控",
    Channel.PHONE: "电话代登",
}


class Door(StrEnum):
    """A single submission made by a person, or a batch that a machine carries (which bears no consent)."""

    SINGLE = "single"
    BATCH = "batch"


class FieldType(StrEnum):
    PERSON_NAME = "person_name"
    MOBILE = "mobile"
    PLATE = "plate"
    ROOM = "room"
    CODE = "code"
    COUNT = "count"
    TIME = "time"
    VERIFICATION = "verification"
    TEXT = "text"
    ATTACHMENT = "attachment"


class StoreForm(StrEnum):
    """What becomes of an admitted value (requirements 4.1).

    ``sealed`` keeps it encrypted; ``masked`` keeps only its mask; ``token`` seals it apart from every other field;
    ``match`` keeps only a keyed token; ``verify_only`` keeps a result, never the number; ``count`` and ``code`` keep
    a number or a word of a closed list.
    """

    SEALED = "sealed"
    MASKED = "masked"
    TOKEN = "token"
    MATCH = "match"
    VERIFY_ONLY = "verify_only"
    COUNT = "count"
    CODE = "code"


class Sensitivity(StrEnum):
    NORMAL = "normal"
    RAISED = "raised"
    SENSITIVE = "sensitive"


class Basis(StrEnum):
    """PIPL 13(1)(1)–(7)."""

    CONSENT = "consent"
    CONTRACT = "contract"
    STATUTORY = "statutory"
    EMERGENCY = "emergency"
    NEWS = "news"
    PUBLIC_INFO = "public_info"
    OTHER_LAW = "other_law"

    @property
    def article(self) -> str:
        return f"PIPL 13(1)({list(Basis).index(self) + 1})"


class BasisProfile(StrEnum):
    """A site's choice, never faked (requirements 0.3a.1)."""

    CONSENT = "consent"
    DUTY = "duty"


class Mode(StrEnum):
    """What a site does with a fault: refuse it, drop an optional field's fault and say so, or, in a plain store and for
    fourteen days at most, let it through and count it.
    """

    ENFORCE = "enforce"
    STRIP = "strip"
    OBSERVE = "observe"


class ConsentKind(StrEnum):
    """PIPL 14, 23/25/26/29/39, 14/29, 31."""

    PLAIN = "plain"
    SEPARATE = "separate"
    WRITTEN = "written"
    GUARDIAN = "guardian"


class ConsentAct(StrEnum):
    TAP = "tap"
    SIGN = "sign"
    SPOKEN = "spoken"


class NoticeMode(StrEnum):
    SCREEN = "screen"
    ORAL = "oral"
    POSTED = "posted"


class Role(StrEnum):
    GUARD = "guard"
    OFFICER = "officer"
    DIRECTOR = "director"
    AUDITOR = "auditor"
    SUBJECT = "subject"


class ShowAs(StrEnum):
    """How a reader sees a value."""

    FULL = "full"
    MASK = "mask"
    SURNAME = "surname"
    BUILDING = "building"
    MINUTE = "minute"
    HOUR = "hour"


class Fate(StrEnum):
    """What happens when a period ends. Masking is neither (requirements L-039)."""

    ERASE = "erase"
    ANONYMISE = "anonymise"


class OnIdentifier(StrEnum):
    """What a policy does about an identifier found in free text, the strictest first."""

    REFUSE = "refuse"
    STRIP = "strip"
    FLAG = "flag"


class ReasonCode(StrEnum):
    """Why a submission was refused: a closed list that callers may rely on."""

    OVER_COLLECTION = "over_collection"
    MISSING_FIELD = "missing_field"
    BAD_FORMAT = "bad_format"
    BAD_ORDER = "bad_order"
    IDENTIFIER_IN_TEXT = "identifier_in_text"
    WRONG_CHANNEL = "wrong_channel"
    UNKNOWN_CATEGORY = "unknown_category"
    NO_NOTICE = "no_notice"
    NO_CONSENT = "no_consent"
    RECONSENT_REQUIRED = "reconsent_required"
    ALREADY_EXPIRED = "already_expired"
    KEY_REUSED = "key_reused"
    MALFORMED = "malformed"
    TOO_LARGE = "too_large"


class PartState(StrEnum):
    """The states of a part (requirements 5.5); erased and anonymised parts have no row, only a tombstone."""

    INTENDED = "intended"  # on its way into somebody else's store, not yet confirmed
    ACTIVE = "active"
    RESTRICTED = "restricted"
    WAITING = "waiting"
    KEY_LOST = "key_lost"


class RestrictionReason(StrEnum):
    """PIPL 47(2): why something that should be gone is only stored and protected."""

    STATUTORY_MINIMUM = "statutory_min"
    TECHNICAL = "technical"
    DISPUTE = "dispute"
    LEGAL_HOLD = "legal_hold"
    EVIDENCE = "evidence"  # of an emergency, after an assessment (突发事件应对法 85)
