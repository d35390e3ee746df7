"""A disclosure as it stands in the register, and as the package that is given out: rows, scopes, and one document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, Protocol

from compliance.domain.disclosure import KEPT_YEARS, Authority, Scope, State, Wanted
from compliance.domain.ledger import Act
from compliance.domain.policy import Pack
from compliance.domain.vocabulary import Role
from compliance.ports import DisclosureRow
from compliance.services.matching import given
from compliance.services.opening import Opened
from compliance.services.reading import show

FORM = "disclosure/1"


class Article(Protocol):
    """A legal ground as the law registry has it."""

    @property
    def ref(self) -> str: ...
    @property
    def zh(self) -> str: ...
    @property
    def en(self) -> str: ...


def row_of(wanted: Wanted, *, id: str, site: str, by: str, now: datetime, today: date) -> DisclosureRow:
    scope = wanted.scope
    return DisclosureRow(
        id=id,
        site=site,
        state=State.ASKED.value,
        authority=wanted.authority.value,
        unit=wanted.unit,
        document=wanted.document,
        ground=wanted.ground,
        officers=" ".join(wanted.officers),
        approval=wanted.approval,
        category=scope.category,
        fields=" ".join(scope.fields),
        first_day=_day(scope.first),
        last_day=_day(scope.last),
        records=" ".join(scope.records),
        hold_until=_day(wanted.hold_until),
        urgent=wanted.urgent,
        seen=wanted.seen,
        called_back=int(wanted.called_back.timestamp()) if wanted.called_back else 0,
        asked_by=by,
        asked_at=int(now.timestamp()),
        asked_on=today.isoformat(),
        signed_by="",
        signed_on="",
        sign_due=0,
        given_by="",
        given_on="",
        n=0,
        digest="",
        members="",
        refused_by="",
        refusal="",
        alarmed_at=0,
        keep_until=kept_until(today).isoformat(),
    )


def given_line(row: DisclosureRow) -> dict[str, Any]:
    """What the acts journal keeps of a disclosure. Who came for it is not in it: the journal is never forgotten."""
    ids = (
        *(row.id, row.authority, row.document, row.ground, row.category, row.fields),
        *(row.asked_by, row.signed_by, row.given_by, row.digest),
    )
    return {
        "act": Act.DISCLOSED.value,
        "site": row.site,
        "day": row.given_on,
        "count": row.n,
        "ids": list(ids),
        "members": row.members.split("\n"),
    }


def given_again(line: Mapping[str, Any], standing: DisclosureRow | None) -> DisclosureRow:
    """The register's row after a restore: what still stands of it, with what the journal knows."""
    number, authority, document, ground, category, fields, asked_by, signed_by, given_by, digest = line["ids"]
    today = date.fromisoformat(line["day"])
    nothing = Wanted(
        authority=Authority(authority),
        unit="",
        document=document,
        ground=ground,
        officers=(),
        scope=Scope(category=category, fields=tuple(fields.split())),
    )
    at = datetime(today.year, today.month, today.day, tzinfo=UTC)
    row = standing or row_of(nothing, id=number, site=line["site"], by=asked_by, now=at, today=today)
    return row._replace(
        state=State.GIVEN.value,
        signed_by=signed_by,
        given_by=given_by,
        given_on=line["day"],
        n=line["count"],
        digest=digest,
        members="\n".join(line["members"]),
        keep_until=kept_until(today).isoformat(),
    )


def scope_of(row: DisclosureRow) -> Scope:
    return Scope(
        category=row.category,
        fields=tuple(row.fields.split()),
        first=date.fromisoformat(row.first_day) if row.first_day else None,
        last=date.fromisoformat(row.last_day) if row.last_day else None,
        records=tuple(row.records.split()),
    )


def kept_until(day: date) -> date:
    """The last day of three years, counted from the day after (民法典 201, 202)."""
    try:
        return day.replace(year=day.year + KEPT_YEARS)
    except ValueError:  # the 29th of February
        return day.replace(year=day.year + KEPT_YEARS, day=28)


def document_of(
    row: DisclosureRow, pack: Pack, ground: Article, matched: Sequence[Opened], made_at: datetime
) -> dict[str, Any]:
    """What the authority is given: who asked for what on which ground, and the records, each with these fields only."""
    scope = scope_of(row)
    site, policy = pack.site, pack.categories[row.category]
    return {
        "form": FORM,
        "number": row.id,
        "made_at": made_at.astimezone(site.timezone).isoformat(timespec="seconds"),
        "controller": site.controller.name,
        "contact": site.officer.contact,
        "site": {"zh": site.label.zh, "en": site.label.en},
        "authority": Authority(row.authority).label.zh,
        "unit": row.unit,
        "document": row.document,
        "approval": row.approval,
        "officers": row.officers.split(),
        "ground": {"ref": ground.ref, "zh": ground.zh, "en": ground.en},
        "urgent": row.urgent,
        "given_by": row.given_by,
        "second": row.signed_by,
        "category": {"zh": policy.label.zh, "en": policy.label.en},
        "fields": [policy.fields[name].label.zh for name in scope.fields],
        "days": [row.first_day, row.last_day],
        "records": [_record(opened, scope) for opened in matched],
    }


def _record(opened: Opened, scope: Scope) -> dict[str, Any]:
    return {
        "record": opened.holding.id,
        "values": {
            rule.label.zh: _said(show(rule, opened.values[rule.name], Role.OFFICER, opened.zone))
            for rule in given(opened, scope)
        },
    }


def _said(value: object) -> object:
    if isinstance(value, dict):
        # Who of the staff looked at a document is about them, not about the record.
        return {name: str(one) for name, one in value.items() if name != "by"}
    return value if isinstance(value, int | str) else str(value)


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""
