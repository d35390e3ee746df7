"""What must hold after a siege, whatever was sent: of what is kept, of what was said, and of the memory that it took."""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from compliance.bootstrap import Engine
from compliance.domain.formats import Unfit, read_value
from compliance.domain.policy import FieldRule
from compliance.domain.vocabulary import FieldType, StoreForm
from compliance.policies.instruments import INSTRUMENTS
from compliance.services.contents import bound
from tests.builders import sql
from tests.hostile import CANARIES

_NUMBERS = (FieldType.MOBILE, FieldType.PLATE)


def fits(rule: FieldRule, value: Any, now: datetime) -> bool:
    """Whether what was opened is what the policy lets be kept of this field."""
    if rule.store is StoreForm.MASKED:
        return isinstance(value, str)
    try:
        return read_value(rule, value, now, INSTRUMENTS) is not None
    except Unfit:
        return False


def hides(value: Any) -> bool:
    """Whether an identifier is written anywhere in this value."""
    if isinstance(value, dict):
        return any(hides(inner) for inner in value.values())
    return isinstance(value, str) and any(found.certainty == "certain" for found in INSTRUMENTS.scan(value))


def check_what_is_kept(engine: Engine) -> int:
    """Open every stored part past the policy and hold it to the policy; returns how many records there were."""
    now = engine.clock.now()
    with engine.books.reading() as books:
        policies = engine.policies.active(books, now).categories
    parts = sql(
        engine,
        "SELECT h.id, h.category, h.policy_version, p.part_no, p.key, v.envelope FROM vault v "
        "JOIN holding h ON h.no = v.holding_no JOIN part p ON p.holding_no = h.no AND p.part_no = v.part_no",
    )
    for record, category, version, part_no, key, envelope in parts:
        clear = engine.keyring.unseal(key, bytes(envelope), bound(record, part_no, version))
        for name, value in msgspec.json.decode(clear).items():
            rule = policies[category].fields.get(name)
            assert rule is not None, f"{category} keeps a field that its policy does not name"
            assert fits(rule, value, now), f"{category}.{name} keeps what does not fit it"
            assert rule.type in _NUMBERS or not hides(value), f"{category}.{name} hides an identifier"
    return len({row[0] for row in parts})


def check_what_is_said(where: str, said: Iterable[str | bytes]) -> None:
    """No canary in any of it."""
    octets = b"\n".join(
        one if isinstance(one, bytes) else one.encode("utf-8", "surrogatepass") for one in said
    )
    for canary in CANARIES:
        assert canary.encode() not in octets, f"something that was sent is in {where}"


def check_what_lies_in_the_open(engine: Engine) -> None:
    """The ledger, every other table and every file of the home: sealed content shows no canary, and nothing else has one."""
    entries = sql(engine, "SELECT canonical FROM ledger_entry") + sql(
        engine, "SELECT canonical FROM ledger_pending"
    )
    assert entries
    check_what_is_said("the ledger", [bytes(row[0]) for row in entries])
    for table in ("consent", "refusal", "tally", "holding", "token"):
        check_what_is_said(f"the table {table}", [repr(row) for row in sql(engine, f"SELECT * FROM {table}")])
    engine.books.settle()
    check_what_is_said(
        "a file", [path.read_bytes() for path in Path(engine.settings.home).rglob("*") if path.is_file()]
    )


def resident_megabytes() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
