"""What is in a record: its parts fetched from whichever store has them, and opened where they are sealed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from compliance.domain.policy import CategoryPolicy
from compliance.ports import Books, HoldingRow, Keyring, PartRef, PartRow, Reads

encode = msgspec.json.Encoder().encode


def bound(holding_id: str, part_no: int, policy_version: int) -> bytes:
    """What an envelope is bound to: moved to another record, part or version, it does not open."""
    return f"{holding_id}/{part_no}/{policy_version}".encode()


def ref_of(holding: HoldingRow, part: PartRow, policy: CategoryPolicy) -> PartRef:
    """Where a part is, and which fields it has: a plain store knows columns, not parts."""
    fields = (rule.name for rule in policy.fields.values() if rule.retention_class == part.retention_class)
    return PartRef(holding.no, part.part_no, holding.id, part.ref or holding.ref, tuple(fields))


def opened(
    books: Books,
    holding: HoldingRow,
    parts: Sequence[PartRow],
    policy: CategoryPolicy,
    reads: Reads,
    keyring: Keyring,
) -> dict[int, dict[str, object]]:
    """The content of these parts, by part number; raises `KeyLost` where a key is gone."""
    fetched = reads.fetch(books, [ref_of(holding, part, policy) for part in parts])
    content: dict[int, dict[str, object]] = {}
    for part in parts:
        raw = fetched.get(part.part_no)
        if isinstance(raw, bytes):
            binding = bound(holding.id, part.part_no, holding.policy_version)
            clear = (
                keyring.unseal(part.key, raw, binding)
                if part.wrapped is None
                else keyring.unseal_part(part.key, part.wrapped, raw, binding)
            )
            raw = msgspec.json.decode(clear)
        content[part.part_no] = dict(raw) if isinstance(raw, Mapping) else {}
    return content
