"""The ledger's rows: pending entries, numbered entries, hash tiles, signed heads, tombstones."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import Connection, func, insert, literal, select, text

from compliance.db.bulk import delete_rows, first_of, insert_rows
from compliance.db.tables import ledger_entry, ledger_head, ledger_pending, ledger_tile, tombstone
from compliance.domain.ledger import Act, Entry, canonical, counted, parse
from compliance.ports import HeadRow, PendingEntry, TombstoneRow

# Any number will do, as long as every sequencer takes the same one.
_SEQUENCER_LOCK = 0x4C454447


class SqlLedger:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def write(self, entry: Entry, act_id: str, now: int) -> None:
        insert_rows(self._connection, ledger_pending, [(act_id, now, canonical(entry))])

    def oldest_pending(self) -> int | None:
        first: int | None = first_of(
            self._connection, "SELECT written_at FROM ledger_pending ORDER BY id LIMIT 1"
        )
        return first

    def pending_count(self) -> int:
        return int(self._connection.scalar(select(func.count()).select_from(ledger_pending)) or 0)

    def take_pending(self, limit: int) -> list[PendingEntry]:
        rows = self._connection.execute(select(ledger_pending).order_by(ledger_pending.c.id).limit(limit))
        return [PendingEntry(*row) for row in rows]

    def number(self, first_seq: int, entries: Sequence[PendingEntry]) -> None:
        rows = [
            (seq, pending.act_id, *counted(pending.canonical), pending.canonical)
            for seq, pending in enumerate(entries, first_seq)
        ]
        insert_rows(self._connection, ledger_entry, rows)
        delete_rows(self._connection, ledger_pending, ("id",), [(pending.id,) for pending in entries])

    def tile(self, level: int, index: int) -> bytes:
        at = (ledger_tile.c.level == level) & (ledger_tile.c.index == index)
        return bytes(self._connection.scalar(select(ledger_tile.c.hashes).where(at)) or b"")

    def put_tiles(self, tiles: Mapping[tuple[int, int], bytes]) -> None:
        delete_rows(self._connection, ledger_tile, ("level", "index"), list(tiles))
        insert_rows(self._connection, ledger_tile, [(*at, hashes) for at, hashes in tiles.items()])

    def head(self) -> HeadRow | None:
        row = self._connection.execute(
            select(ledger_head).order_by(ledger_head.c.size.desc()).limit(1)
        ).first()
        return HeadRow(*row) if row else None

    def head_at(self, size: int) -> HeadRow | None:
        row = self._connection.execute(select(ledger_head).where(ledger_head.c.size == size)).first()
        return HeadRow(*row) if row else None

    def put_head(self, head: HeadRow) -> None:
        self._connection.execute(insert(ledger_head).values(**head._asdict()))

    def sequence_lock(self) -> bool:
        if self._connection.dialect.name == "sqlite":
            return True  # whoever writes is the only one who writes
        locked = self._connection.scalar(
            text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": _SEQUENCER_LOCK}
        )
        return bool(locked)

    def entries(self, first: int = 0, limit: int = 1000) -> list[tuple[int, str, bytes]]:
        columns = (ledger_entry.c.seq, ledger_entry.c.act_id, ledger_entry.c.canonical)
        query = select(*columns).where(ledger_entry.c.seq >= first).order_by(ledger_entry.c.seq).limit(limit)
        return [
            (int(seq), str(act_id), bytes(sealed)) for seq, act_id, sealed in self._connection.execute(query)
        ]

    def columns_of(self, first: int, limit: int) -> list[tuple[str, str, str, str, int]]:
        columns = [ledger_entry.c[name] for name in ("act", "site", "category", "day", "count")]
        query = select(*columns).where(ledger_entry.c.seq >= first).order_by(ledger_entry.c.seq).limit(limit)
        return [
            (str(r[0]), str(r[1]), str(r[2]), str(r[3]), int(r[4])) for r in self._connection.execute(query)
        ]

    def written_of(self, acts: Collection[Act], since: str) -> list[Entry]:
        kept = ledger_entry.c
        numbered = select(kept.canonical).where(kept.act.in_([act.value for act in acts]), kept.day >= since)
        waiting = select(ledger_pending.c.canonical).order_by(ledger_pending.c.id)
        found = [*self._connection.scalars(numbered.order_by(kept.seq)), *self._connection.scalars(waiting)]
        return [entry for entry in map(parse, found) if entry.act in acts and entry.day >= since]

    def seq_of(self, act_id: str) -> int | None:
        return self._connection.scalar(select(ledger_entry.c.seq).where(ledger_entry.c.act_id == act_id))

    def entomb(self, row: TombstoneRow) -> None:
        insert_rows(self._connection, tombstone, [row])

    def tombstones_of(self, holding_id: str) -> list[TombstoneRow]:
        # A plain search through opaque ids: certificates are asked for rarely, and an index would weigh on every sweep.
        # From the line's beginning: the end of an id is no id.
        needle = literal("\n").concat(tombstone.c.members).contains(f"\n{holding_id}/", autoescape=True)
        rows = self._connection.execute(
            select(tombstone).where(needle).order_by(tombstone.c.day, tombstone.c.act_id)
        )
        return [TombstoneRow(*row) for row in rows]

    def tombstone(self, act_id: str) -> TombstoneRow | None:
        row = self._connection.execute(select(tombstone).where(tombstone.c.act_id == act_id)).first()
        return TombstoneRow(*row) if row else None

    def sums(self, first_day: str, end_day: str) -> list[tuple[str, str, str, str, int]]:
        bucket = [ledger_entry.c[name] for name in ("act", "site", "category", "day")]
        query = select(*bucket, func.sum(ledger_entry.c.count)).group_by(*bucket)
        query = query.where(ledger_entry.c.day >= first_day, ledger_entry.c.day < end_day)
        return [
            (str(r[0]), str(r[1]), str(r[2]), str(r[3]), int(r[4])) for r in self._connection.execute(query)
        ]
