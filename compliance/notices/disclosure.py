"""What an authority is handed, and the register of what authorities were given: the one has people in it, the other none.

The package is an archive of two files, the same bytes for the same values: JSON for programs and a page to print. It is
composed in memory and written nowhere.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Sequence
from typing import Any, Final

from compliance.domain.disclosure import Authority, RefusalGround, State
from compliance.domain.policy import Pack
from compliance.notices.blocks import clean
from compliance.notices.forms import page
from compliance.ports import DisclosureRow

#: An archive dates its files; ours are dated by the ledger, and two packages of the same values are the same bytes.
_UNDATED: Final = (1980, 1, 1, 0, 0, 0)
STATES: Final = {
    State.ASKED: ("待第二人签字", "waits for the second signature"),
    State.SIGNED: ("已签字，待取出", "signed, to be fetched"),
    State.GIVEN: ("已提供", "given"),
    State.REFUSED: ("已拒绝", "refused"),
    State.LAPSED: ("已失效", "lapsed"),
}


def package(document: dict[str, Any]) -> bytes:
    """The archive that is handed over."""
    text = json.dumps(document, ensure_ascii=False, indent=2) + "\n"
    columns = document["fields"]
    printed = page("disclosure.html", one=document, columns=columns)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in (
            ("disclosure.json", text.encode("utf-8", "replace")),
            ("disclosure.html", printed),
        ):
            entry = zipfile.ZipInfo(name, _UNDATED)
            entry.external_attr = 0o600 << 16
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def register_lines(rows: Sequence[DisclosureRow], pack: Pack) -> list[dict[str, Any]]:
    """The register as people read it: who got what kind of fields of how many records, on which ground and document."""
    return [_line(row, pack) for row in rows]


def register_html(rows: Sequence[DisclosureRow], pack: Pack, day: str) -> bytes:
    """The register to print."""
    lines = register_lines(rows, pack)
    controller = clean(pack.site.controller.name)
    return page("disclosures.html", lines=lines, controller=controller, site=pack.site.label.zh, day=day)


def register_json(rows: Sequence[DisclosureRow], pack: Pack) -> bytes:
    return (json.dumps(register_lines(rows, pack), ensure_ascii=False, indent=2) + "\n").encode()


def _line(row: DisclosureRow, pack: Pack) -> dict[str, Any]:
    policy = pack.categories.get(row.category)
    fields = [
        policy.fields[name].label.zh if policy and name in policy.fields else name
        for name in row.fields.split()
    ]
    state = STATES[State(row.state)]
    refusal = RefusalGround(row.refusal) if row.refusal else None
    return {
        "id": row.id,
        "state": row.state,
        "state_zh": state[0],
        "state_en": state[1],
        "authority": Authority(row.authority).label.zh,
        "unit": row.unit,
        "document": row.document,
        "approval": row.approval,
        "ground": row.ground,
        "officers": row.officers.split(),
        "category": policy.label.zh if policy else row.category,
        "fields": fields,
        "days": [row.first_day, row.last_day] if row.first_day else [],
        "named": len(row.records.split()),
        "n": row.n,
        "asked": [row.asked_by, row.asked_on],
        "signed": [row.signed_by, row.signed_on] if row.signed_by else [],
        "given": [row.given_by, row.given_on] if row.given_by else [],
        "urgent": row.urgent,
        "waits": row.urgent and row.state == State.GIVEN and not row.signed_by,
        "late": bool(row.alarmed_at),
        "hold_until": row.hold_until,
        "refused": [row.refused_by, refusal.label.zh, refusal.article] if refusal else [],
        "digest": row.digest,
        "keep_until": row.keep_until,
    }
