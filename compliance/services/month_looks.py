"""How a month's looks into the register are counted for the report: from the ledger, which has every one of them."""

from __future__ import annotations

from collections import Counter
from typing import Final

from compliance.domain.ledger import Act, Entry, parse
from compliance.domain.report import LookFigures
from compliance.services.month import Month

#: In the order in which an officer asks for them.
LOOKS: Final = (
    Act.READ,
    Act.READ_REFUSED,
    Act.LOOKED_UP,
    Act.BREAK_GLASS,
    Act.DISCLOSED,
    Act.DISCLOSURE_REFUSED,
    Act.DISCLOSURE_LATE,
)
_WHY: Final = (Act.READ_REFUSED, Act.DISCLOSURE_REFUSED)


def count_looks(month: Month) -> tuple[LookFigures, ...]:
    """One row for each act, purpose and role that there was."""
    times: Counter[tuple[str, str, str, str]] = Counter()
    records: Counter[tuple[str, str, str, str]] = Counter()
    acts = [act.value for act in LOOKS]
    for sealed in month.books.reports.of_acts(acts, month.first, month.end):
        entry = parse(sealed)
        key = _key(entry)
        times[key] += 1
        records[key] += 0 if entry.act in _WHY else entry.count
    purposes = month.pack.site.purposes
    rows = []
    for key in sorted(times, key=lambda one: (acts.index(one[0]), *one)):
        act, purpose, role, why = key
        said = purposes.get(purpose)
        rows.append(
            LookFigures(
                act=act,
                purpose=purpose,
                purpose_zh=said.zh if said else purpose,
                purpose_en=said.en if said else purpose,
                role=role,
                why=why,
                times=times[key],
                records=records[key],
            )
        )
    return tuple(rows)


def _key(entry: Entry) -> tuple[str, str, str, str]:
    said = [str(entry.fact(name) or "") for name in ("purpose", "role")]
    why = str(entry.fact("why") or "") if entry.act in _WHY else ""
    return entry.act.value, said[0], said[1], why
