"""The copy that answers an access request: made at verification, sealed under its own key, gone after seven days.

It is made then because retention goes on meanwhile: what was there when the person asked is what they get, even where
a part falls due before the answer (requirements 0.3a.7). It is a new copy, and so it has a period of its own.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from compliance.domain.errors import KeyLost, RequestRefused
from compliance.domain.formats import Instruments
from compliance.domain.policy import CategoryPolicy, FieldRule, Pack, Party
from compliance.domain.request import RequestKind
from compliance.domain.vocabulary import FieldType
from compliance.ports import Books, HoldingRow, PackageRow, Reads, RequestRow
from compliance.services.casework import Casework
from compliance.services.contents import opened
from compliance.services.forecast import due_day

OPEN_FOR: Final = timedelta(days=7)
#: The kinds of request that are answered with one.
COPIES: Final = (RequestKind.ACCESS, RequestKind.COPY)
#: What names or places somebody. Of a field that two people share, these are masked and the rest is shown.
_NAMING: Final = (FieldType.PERSON_NAME, FieldType.MOBILE, FieldType.PLATE, FieldType.ROOM, FieldType.TEXT)
_OTHERS: Final = "（涉及他人，已遮盖）"


def package_key(number: str) -> str:
    return f"package/{number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Packages:
    casework: Casework
    reads: Mapping[str, Reads]
    tools: Instruments

    def snapshot(self, books: Books, row: RequestRow, holdings: list[HoldingRow]) -> None:
        """Compose and seal; nobody may open it before it is released."""
        number, keyring = row.number, self.casework.keyring
        pack = self.casework.pack(books)
        records: list[dict[str, Any]] = []
        withheld: list[str] = []
        for holding in holdings:
            try:
                records.append(self._record(books, holding, pack))
            except KeyLost:
                label = self._policy(books, holding).label
                withheld.append(f"{label.zh}登记1条：密钥已失，无法读出。")
        content = {
            "request": number,
            "kind": row.kind,
            "made_on": self.casework.today(books).isoformat(),
            "controller": _party(pack.site.controller),
            "officer": _party(pack.site.officer),
            "complaints": _party(pack.site.complaints),
            "records": records,
            "withheld": withheld,
            "purposes": sorted({field["purpose"] for record in records for field in record["rows"]}),
            "recipients": [_party(party) for party in (*pack.site.recipients, *pack.site.entrusted)],
        }
        envelope = keyring.sealer(package_key(number))(json.dumps(content).encode(), _bound(number))
        books.requests.put_package(PackageRow(number=number, envelope=envelope, ends_at=0))

    def release(self, books: Books, number: str) -> str:
        """Open the package to its requester; returns the last day on which it can be had."""
        row = books.requests.package(number)
        ends = self.casework.clock.now() + OPEN_FOR
        if row is not None:
            books.requests.put_package(row._replace(ends_at=int(ends.timestamp())))
        return self.casework.pack(books).site.day_of(ends).isoformat()

    def open(self, books: Books, number: str) -> dict[str, Any]:
        """The package in clear, for whoever has shown the token; raises RequestRefused where there is none (any more)."""
        row = books.requests.package(number)
        if row is None or row.ends_at <= int(self.casework.clock.now().timestamp()):
            raise RequestRefused("There is no package, or its seven days are over.")
        opened = self.casework.keyring.unseal(package_key(number), row.envelope, _bound(number))
        content: dict[str, Any] = json.loads(opened)
        return content

    # -- composing -----------------------------------------------------------------------------------------------

    def _policy(self, books: Books, holding: HoldingRow) -> CategoryPolicy:
        return self.casework.policy_of(books, holding.category, holding.policy_version)

    def _record(self, books: Books, holding: HoldingRow, pack: Pack) -> dict[str, Any]:
        policy = self._policy(books, holding)
        parts = books.holdings.parts(holding.no)
        content = opened(books, holding, parts, policy, self.reads[holding.store], self.casework.keyring)
        values = {name: value for part in content.values() for name, value in part.items()}
        own = own_subjects(policy)
        rows = [
            self._row(rule, values[name], pack, own)
            for name, rule in policy.fields.items()
            if values.get(name) is not None
        ]
        return {
            "title": f"{policy.label.zh}登记",
            "category": {"zh": policy.label.zh, "en": policy.label.en},
            "site": {"zh": pack.site.label.zh, "en": pack.site.label.en},
            "erase_on": due_day(max((part.erase_at for part in parts), default=0), pack),
            "rows": rows,
        }

    def _row(self, rule: FieldRule, value: object, pack: Pack, own: frozenset[str]) -> dict[str, Any]:
        purpose = pack.site.purposes.get(rule.purpose)
        subjects = set(rule.basis)
        hidden = not subjects & own
        masked = hidden or (not subjects <= own and rule.type in _NAMING)
        said = _said(rule, value, pack.site.timezone)
        if hidden:
            said = _OTHERS
        elif masked:
            said = self.tools.mask(rule.type.value, said)
        return {
            "name": rule.name,
            "label": rule.label.zh,
            "label_en": rule.label.en,
            "value": said,
            "masked": masked,
            "purpose": purpose.zh if purpose else rule.purpose,
            "basis": [basis.article for who, basis in rule.basis.items() if who in own],
        }


def own_subjects(policy: CategoryPolicy) -> frozenset[str]:
    """Who the record is about, among the subjects its fields name: those who can ask by it, and whoever is named first
    where a field is about two. Everybody else is a third party to it.
    """
    own = {""}
    own |= {who for name in policy.subject for who in policy.fields[name].basis}
    own |= {next(iter(rule.basis)) for rule in policy.fields.values() if len(rule.basis) > 1}
    return frozenset(own)


def _said(rule: FieldRule, value: object, zone: ZoneInfo) -> str:
    if rule.type is FieldType.TIME:
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
        # As a clock at the gate shows it; what reads an offset reads the records, not this answer to a person.
        return f"{moment.astimezone(zone):%Y-%m-%d %H:%M:%S}"
    if isinstance(value, Mapping):
        # Who of the staff looked is about them, not about the person who asks.
        return "，".join(str(item) for name, item in value.items() if name != "by")
    return str(value)


def _party(party: Party) -> dict[str, str]:
    return {"name": party.name, "contact": party.contact, "purpose": party.purpose}


def _bound(number: str) -> bytes:
    return f"package/{number}".encode()
