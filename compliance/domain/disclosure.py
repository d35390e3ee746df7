"""Giving records to an authority: who may ask, on which ground, how much, and what makes it two people's act.

PIPL 34 and 视频条例 20 bind the authority to its powers and to what they need; PIPL 6 binds us to give no more. So a
scope names one category, its fields, and days or records; whatever is wider is refused and told how to be narrowed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from compliance.domain.policy import CategoryPolicy, Text
from compliance.domain.vocabulary import Role

HOUSE: Final = "E"  # an engine choice, never shown as law
LONGEST_DAYS: Final = 31
MOST_RECORDS: Final = 500
MOST_NAMED: Final = 200  # records named one by one
LONGEST_TEXT: Final = 100
#: At night, where somebody's life is in danger (requirements 0.3a.12).
URGENT_DAYS: Final = 2
URGENT_RECORDS: Final = 50
COUNTERSIGN_WITHIN: Final = timedelta(hours=24)
#: What was asked for and never signed, or signed and never fetched, lapses.
LAPSES_AFTER: Final = timedelta(days=7)
#: A hold for an authority is renewed by a new document, not set for ever.
LONGEST_HOLD: Final = timedelta(days=366)
KEPT_YEARS: Final = 3  # 网数条例 12(1)
SIGNERS: Final = (Role.OFFICER, Role.DIRECTOR)

# A police or service number: letters and digits. Eleven digits are a telephone, eighteen an identity card.
_OFFICER_ID: Final = re.compile(r"[A-Za-z]{0,4}[0-9]{4,9}")


class Authority(StrEnum):
    """Who asks. `private` and `foreign` are here to be answered, not to be given anything."""

    POLICE = "police"
    COURT = "court"
    PROCURATORATE = "procuratorate"
    STATE_SECURITY = "state_security"
    FIRE = "fire"
    ADMINISTRATIVE = "administrative"
    FOREIGN = "foreign"
    PRIVATE = "private"

    @property
    def label(self) -> Text:
        return _AUTHORITIES[self]


_AUTHORITIES: Final = {
    Authority.POLICE: Text(zh="公安机关", en="Police"),
    Authority.COURT: Text(zh="人民法院", en="Court"),
    Authority.PROCURATORATE: Text(zh="人民检察院", en="Procuratorate"),
    Authority.STATE_SECURITY: Text(zh="国家安全机关", en="State security"),
    Authority.FIRE: Text(zh="消防救援机构", en="Fire and rescue"),
    Authority.ADMINISTRATIVE: Text(zh="其他行政机关", en="Another administrative authority"),
    Authority.FOREIGN: Text(zh="外国司法或者执法机构", en="Foreign court or enforcement"),
    Authority.PRIVATE: Text(zh="单位或个人（非机关）", en="A company or private person"),
}
_STATE: Final = frozenset(Authority) - {Authority.FOREIGN, Authority.PRIVATE}
_EMERGENCY: Final = frozenset({Authority.POLICE, Authority.FIRE})
#: Legal ground → who may rest on it. Every one is an article of the law registry; a test looks each of them up.
GROUNDS: Final[dict[str, frozenset[Authority]]] = {
    "PIPL 34": _STATE,
    "PIPL 13(1)(4)": _EMERGENCY,
    "视频条例 20": _STATE,
    "反恐法 51": frozenset({Authority.POLICE, Authority.STATE_SECURITY}),
    "突发法 84": frozenset({Authority.FIRE, Authority.ADMINISTRATIVE, Authority.POLICE}),
    "PIPL 41": frozenset({Authority.FOREIGN}),
}
URGENT_GROUND: Final = "PIPL 13(1)(4)"


class State(StrEnum):
    ASKED = "asked"
    SIGNED = "signed"
    GIVEN = "given"
    REFUSED = "refused"
    LAPSED = "lapsed"


class RefusalGround(StrEnum):
    """Why an authority is not given something: a closed list."""

    NO_DOCUMENT = "no_document"
    NO_POWER = "no_power"
    TOO_BROAD = "too_broad"
    FOREIGN = "foreign"
    PRIVATE = "private"
    NOT_HELD = "not_held"
    NOT_CONFIRMED = "not_confirmed"

    @property
    def label(self) -> Text:
        return _REFUSALS[self][1]

    @property
    def article(self) -> str:
        return _REFUSALS[self][0]


_REFUSALS: Final = {
    RefusalGround.NO_DOCUMENT: ("PIPL 34", Text(zh="没有文书或证件", en="no document, or no credentials")),
    RefusalGround.NO_POWER: ("PIPL 34", Text(zh="没有法定权限", en="no legal power to ask")),
    RefusalGround.TOO_BROAD: ("PIPL 34", Text(zh="超出必需的范围", en="wider than its duty needs")),
    RefusalGround.FOREIGN: ("PIPL 41", Text(zh="外国机构未经主管机关批准", en="foreign, and not approved")),
    RefusalGround.PRIVATE: ("PIPL 23", Text(zh="不是机关，须本人单独同意", en="private: needs separate consent")),
    RefusalGround.NOT_HELD: (HOUSE, Text(zh="没有所要的记录", en="nothing of it is held")),
    RefusalGround.NOT_CONFIRMED: (HOUSE, Text(zh="回电核实不了", en="a call back did not confirm it")),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Why a request for records cannot be taken so. `article` is the law, or E where it is our rule."""

    code: str
    field: str
    article: str
    zh: str
    en: str

    @property
    def source(self) -> str:
        """Where it comes from, as people read it: law and house rule are never mistaken for each other."""
        return "本系统规则" if self.article == HOUSE else self.article


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What is asked for: one category, some of its fields, and the days of entry or the records' ids."""

    category: str
    fields: tuple[str, ...]
    first: date | None = None
    last: date | None = None
    records: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A request as it was put. `officers` are service numbers, never names; `approval` is the competent authority's
    document for a foreign request; `seen` and `called_back` belong to danger to life.
    """

    authority: Authority
    unit: str
    document: str
    ground: str
    officers: tuple[str, ...]
    scope: Scope
    hold_until: date | None = None
    approval: str = ""
    abroad: bool = False
    urgent: bool = False
    seen: str = ""
    called_back: datetime | None = field(default=None)


def faults_of(
    wanted: Wanted, policy: CategoryPolicy | None, today: date, scan: Callable[[str], Sequence[Any]]
) -> tuple[Fault, ...]:
    """Everything that stands against this request; none where it may be put to the second person."""
    return (
        *_who(wanted, scan),
        *_ground(wanted),
        *_what(wanted.scope, policy),
        *_when(wanted, today),
        *(_in_danger(wanted, today) if wanted.urgent else ()),
    )


def too_many(count: int, *, urgent: bool) -> Fault | None:
    """A scope that turns out wider than it sounded."""
    most = URGENT_RECORDS if urgent else MOST_RECORDS
    if count <= most:
        return None
    return _fault(
        "too_broad", "scope", HOUSE,
        f"范围内有{count}条，一次最多{most}条，请缩小日期或改列记录编号。",
        f"The scope has {count} records, at most {most} go at once: fewer days, or name the records.",
    )  # fmt: skip


def _who(wanted: Wanted, scan: Callable[[str], Sequence[Any]]) -> list[Fault]:
    found: list[Fault] = []
    if wanted.authority is Authority.PRIVATE:
        found.append(_fault(
            "private", "authority", "PIPL 23",
            "单位和个人不能凭文书调取；向其他处理者提供须本人单独同意。",
            "A company or person is given nothing by a letter: it needs each person's separate consent.",
        ))  # fmt: skip
    if wanted.authority is Authority.FOREIGN and not wanted.approval:
        found.append(_fault(
            "foreign", "approval", "PIPL 41",
            "未经主管机关批准，不得向外国司法或者执法机构提供；请写批准文号。",
            "Nothing goes to foreign courts or enforcement without the competent authority's approval number.",
        ))  # fmt: skip
    if wanted.abroad:
        found.append(_fault(
            "abroad", "abroad", HOUSE,
            "本系统默认不向境外提供（个人信息保护法第三十八条另有条件）；请交境内主管机关。",
            "Nothing is sent abroad from here by default (PIPL 38 has conditions): give it to the authority inside China.",
        ))  # fmt: skip
    for name, text in (("unit", wanted.unit), ("document", wanted.document), ("approval", wanted.approval)):
        needed = name != "approval"
        if (needed and not text) or len(text) > LONGEST_TEXT or not text.isprintable() or scan(text):
            found.append(_fault(
                "unwritten", name, "PIPL 34" if needed and not text else HOUSE,
                "请写明单位、文号，不写姓名、证件号、手机号和车牌。",
                "Write the unit and the document number, without names or anybody's numbers.",
            ))  # fmt: skip
    officers = wanted.officers
    if not 1 <= len(officers) <= 10 or any(not _OFFICER_ID.fullmatch(one) or scan(one) for one in officers):
        found.append(_fault(
            "officers", "officers", "视频条例 16(3)",
            "请写经办人的警号或工作证号（4至9位数字），不写姓名和身份证号。",
            "Give the service numbers (4 to 9 digits) of those who ask: no names, no identity numbers.",
        ))  # fmt: skip
    return found


def _ground(wanted: Wanted) -> list[Fault]:
    if wanted.authority in GROUNDS.get(wanted.ground, frozenset()) or wanted.authority is Authority.PRIVATE:
        return []
    return [_fault(
        "no_ground", "ground", "PIPL 34",
        "这个机关不能凭这一条调取；请核对文书上写的法律依据。",
        "This authority cannot rest on this article: look at what its document names.",
    )]  # fmt: skip


def _what(scope: Scope, policy: CategoryPolicy | None) -> list[Fault]:
    if policy is None:
        return [_fault(
            "whole_register", "category", "PIPL 34",
            "不能调取整个登记簿；请选定一个类别。",
            "The whole register cannot be asked for: name one category.",
        )]  # fmt: skip
    known = set(policy.fields)
    if not scope.fields or not set(scope.fields) <= known or len(set(scope.fields)) < len(scope.fields):
        return [_fault(
            "no_fields", "fields", "PIPL 6",
            "请列出需要的项目，不接受“全部”。",
            "Name the fields that are needed: ‘all of it’ is no answer.",
        )]  # fmt: skip
    if len(known) > 1 and set(scope.fields) == known:
        return [_fault(
            "all_fields", "fields", "PIPL 6",
            "所列是这一类的全部项目，超出必需；请去掉办案用不到的。",
            "These are all the fields there are: leave out what the case does not need.",
        )]  # fmt: skip
    return []


def _when(wanted: Wanted, today: date) -> list[Fault]:
    scope = wanted.scope
    found: list[Fault] = []
    if scope.records and len(scope.records) > MOST_NAMED:
        found.append(_fault(
            "too_broad", "records", HOUSE, f"一次最多列{MOST_NAMED}条记录。", f"At most {MOST_NAMED} records at once.",
        ))  # fmt: skip
    if not scope.records or scope.first or scope.last:
        longest = URGENT_DAYS if wanted.urgent else LONGEST_DAYS
        if scope.first is None or scope.last is None:
            found.append(_fault(
                "no_end", "days", "PIPL 34",
                "请写明起止日期；没有头尾的范围不能调取。",
                "Name the first and the last day: a range without ends cannot be asked for.",
            ))  # fmt: skip
        elif not scope.first <= scope.last <= today or (scope.last - scope.first).days >= longest:
            found.append(_fault(
                "too_broad", "days", HOUSE,
                f"起止日期最多{longest}天，且不晚于今天；更长的请分案、分次调取。",
                f"At most {longest} days, none of them ahead: ask for more in separate, documented requests.",
            ))  # fmt: skip
    if wanted.hold_until is not None and not today < wanted.hold_until <= today + LONGEST_HOLD:
        found.append(_fault(
            "hold_over", "hold_until", HOUSE, "保全的截止日期须在今天以后、一年以内；到期可凭新的文书再办。", "A hold ends after today and within a year; a new document renews it.",
        ))  # fmt: skip
    return found


def _in_danger(wanted: Wanted, today: date) -> list[Fault]:
    """One guard may act where a life is in danger: the officer's number was seen, and a call back was answered."""
    if (
        wanted.authority in _EMERGENCY
        and wanted.ground == URGENT_GROUND
        and wanted.seen in wanted.officers
        and wanted.called_back is not None
        and today - timedelta(days=1) <= wanted.called_back.date() <= today
    ):
        return []
    return [_fault(
        "not_urgent", "urgent", HOUSE,
        "危及生命的才可先办：公安或消防到场，看过证件号、回拨单位电话核实，依据选个人信息保护法第十三条第一款第四项。",
        "Only danger to life goes first: police or fire, their number seen, the unit called back, PIPL 13(1)(4).",
    )]  # fmt: skip


def _fault(code: str, name: str, article: str, zh: str, en: str) -> Fault:
    return Fault(code=code, field=name, article=article, zh=zh, en=en)
