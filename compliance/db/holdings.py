"""Holdings, their parts and tokens: what is owed to whom by when."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, RowMapping, Select, delete, exists, func, or_, select, tuple_, update

from compliance.db.bulk import (
    delete_rows,
    first_of,
    insert_rows,
    insert_unless_there,
    look_up,
    update_rows,
)
from compliance.db.tables import cool_down, holding, mark, part, token
from compliance.domain.errors import KeyRaced
from compliance.ports import DuePart, HoldingRow, PartRow, TokenRow

# PostgreSQL hands out numbers by the block, so that a batch has consecutive ones without a lock on a counter.
NUMBER_BLOCK = 1024
# Among how many of the newest holdings the recent ones of a category are looked for.
RECENT = 5000
# What a sweep decides about. What waits, is on its way or has lost its key is somebody else's decision.
_SWEPT = ("active", "restricted")
_HOLDING = [holding.c[name].label(f"h_{name}") for name in HoldingRow._fields]


class SqlHoldings:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._sqlite = connection.dialect.name == "sqlite"

    def reserve(self, count: int) -> int:
        if self._sqlite:
            return (first_of(self._connection, "SELECT max(no) FROM holding") or 0) + 1
        if count > NUMBER_BLOCK:
            raise ValueError(count)
        return int(first_of(self._connection, "SELECT nextval('holding_block')")) * NUMBER_BLOCK

    def add(
        self, holdings: Sequence[HoldingRow], parts: Sequence[PartRow], tokens: Sequence[TokenRow]
    ) -> None:
        insert_rows(self._connection, holding, holdings)
        self.add_parts(parts, tokens)

    def add_parts(self, parts: Sequence[PartRow], tokens: Sequence[TokenRow]) -> None:
        insert_rows(self._connection, part, parts)
        insert_rows(self._connection, token, tokens)

    def find(self, holding_id: str) -> HoldingRow | None:
        row = self._connection.execute(select(holding).where(holding.c.id == holding_id)).first()
        return HoldingRow(*row) if row else None

    def recent(self, site: str, limit: int, categories: Sequence[str] = ()) -> list[HoldingRow]:
        newest = select(holding).order_by(holding.c.no.desc()).limit(max(limit, RECENT)).subquery()
        query = select(newest).where(newest.c.site == site).order_by(newest.c.no.desc()).limit(limit)
        query = query.where(newest.c.category.in_(categories)) if categories else query
        return [HoldingRow(*row) for row in self._connection.execute(query)]

    def parts(self, holding_no: int) -> list[PartRow]:
        rows = self._connection.execute(
            select(part).where(part.c.holding_no == holding_no).order_by(part.c.part_no)
        )
        return [PartRow(*row) for row in rows]

    def lasting(self, site: str, category: str, erase_from: int, erase_until: int) -> list[HoldingRow]:
        due = part.c.erase_at.between(erase_from, erase_until) & (part.c.state == "active")
        query = select(holding).where(
            holding.c.no.in_(select(part.c.holding_no).where(due)),
            holding.c.site == site,
            holding.c.category == category,
        )
        return [HoldingRow(*row) for row in self._connection.execute(query.order_by(holding.c.no.desc()))]

    def registered(
        self, site: str, category: str, months: Sequence[str], after: int, limit: int
    ) -> list[HoldingRow]:
        begun = or_(*(holding.c.id.startswith(f"{month}-", autoescape=True) for month in months))
        query = select(holding).where(holding.c.no > after, holding.c.site == site)
        query = query.where(holding.c.category == category, begun)
        return [
            HoldingRow(*row) for row in self._connection.execute(query.order_by(holding.c.no).limit(limit))
        ]

    def by_tokens(self, digests: Sequence[tuple[int, bytes]]) -> list[HoldingRow]:
        if not digests:
            return []
        named = select(token.c.holding_no).where(tuple_(token.c.epoch, token.c.digest).in_(digests))
        rows = self._connection.execute(select(holding).where(holding.c.no.in_(named)).order_by(holding.c.no))
        return [HoldingRow(*row) for row in rows]

    def claim_due(self, now: int, limit: int) -> list[DuePart]:
        due = _with_holding().where(part.c.erase_at <= now, part.c.state == "active")
        return self._claimed(due.order_by(part.c.erase_at).limit(limit))

    def claim(self, holding_nos: Sequence[int]) -> list[DuePart]:
        named = _with_holding().where(part.c.holding_no.in_(holding_nos))
        return self._claimed(named.order_by(part.c.holding_no, part.c.part_no), wait=True)

    def _claimed(self, query: Select[tuple[object, ...]], *, wait: bool = False) -> list[DuePart]:
        # On SQLite the writing transaction is the claim: nobody else writes until it ends.
        if not self._sqlite:
            query = query.with_for_update(of=part, skip_locked=not wait)
        return [_due(row) for row in self._connection.execute(query).mappings()]

    def part_counts(self, holding_nos: Sequence[int]) -> dict[int, int]:
        counted = select(part.c.holding_no, func.count()).where(part.c.holding_no.in_(holding_nos))
        return {int(no): int(n) for no, n in self._connection.execute(counted.group_by(part.c.holding_no))}

    def drop(self, parts: Sequence[PartRow]) -> int:
        tokens = [(epoch, digest, row.holding_no) for row in parts for epoch, digest in row.subject_tokens()]
        delete_rows(self._connection, token, ("epoch", "digest", "holding_no"), tokens)
        delete_rows(
            self._connection,
            part,
            ("holding_no", "part_no"),
            [(row.holding_no, row.part_no) for row in parts],
        )
        numbers = sorted({row.holding_no for row in parts})
        emptied = 0
        for at in range(0, len(numbers), 500):
            without = ~exists().where(part.c.holding_no == holding.c.no)
            gone = delete(holding).where(holding.c.no.in_(numbers[at : at + 500]), without)
            emptied += self._connection.execute(gone).rowcount
        return emptied

    def move(self, row: PartRow) -> None:
        at = (part.c.holding_no == row.holding_no) & (part.c.part_no == row.part_no)
        self._connection.execute(update(part).where(at).values(**row._asdict()))

    def set_state(self, holding_nos: Sequence[int], state: str, *, was: str) -> int:
        changed = 0
        for at in range(0, len(holding_nos), 500):
            those = part.c.holding_no.in_(holding_nos[at : at + 500]) & (part.c.state == was)
            changed += self._connection.execute(update(part).where(those).values(state=state)).rowcount
        return changed

    def count_in(self, state: str) -> int:
        return self._connection.scalar(select(func.count()).where(part.c.state == state)) or 0

    def release_waiting(self) -> list[tuple[str, str, int]]:
        joined = select(holding.c.site, holding.c.category, part.c.erase_at).join(
            holding, holding.c.no == part.c.holding_no
        )
        rows = self._connection.execute(joined.where(part.c.state == "waiting")).all()
        self._connection.execute(update(part).where(part.c.state == "waiting").values(state="active"))
        return [(str(row[0]), str(row[1]), int(row[2])) for row in rows]

    def set_ref(self, refs: Sequence[tuple[int, str]]) -> None:
        update_rows(self._connection, holding, "ref", "no", refs)

    def set_content(self, holding_no: int, content: bytes | None) -> None:
        self._connection.execute(update(holding).where(holding.c.no == holding_no).values(content=content))

    def in_scope(self, site: str, category: str, holding_id: str) -> list[int]:
        query = select(holding.c.no).where(holding.c.site == site)
        query = query.where(holding.c.category == category) if category else query
        query = query.where(holding.c.id == holding_id) if holding_id else query
        return [int(no) for no in self._connection.scalars(query)]

    def key_in_use(self, name: str) -> bool:
        return bool(self._connection.scalar(select(exists().where(part.c.key == name))))

    def keys_left(self, parts: Sequence[tuple[int, int]]) -> int:
        left = 0
        for at in range(0, len(parts), 400):
            named = tuple_(part.c.holding_no, part.c.part_no).in_(parts[at : at + 400])
            query = select(func.count()).select_from(part).where(named, part.c.wrapped.is_not(None))
            left += self._connection.scalar(query) or 0
        return left

    def refers_into(self, begin: str) -> bool:
        # Not LIKE, which takes A for a on one of the two databases.
        within = func.substr(part.c.ref, 1, len(begin)) == begin
        return bool(self._connection.scalar(select(exists().where(within))))

    def epoch_in_use(self, epoch: int) -> bool:
        tokens = exists().where(token.c.epoch == epoch)
        marks = exists().where(mark.c.epoch == epoch)
        refusals = exists().where(cool_down.c.epoch == epoch)
        return bool(self._connection.scalar(select(tokens | marks | refusals)))

    def due_summary(self, until: int) -> list[tuple[str, str, int, int, int]]:
        bucket = (holding.c.site, holding.c.category, part.c.erase_at, holding.c.policy_version)
        query = select(*bucket, func.count()).join(holding, holding.c.no == part.c.holding_no)
        query = query.where(part.c.erase_at <= until, part.c.state.in_(_SWEPT)).group_by(*bucket)
        rows = self._connection.execute(query.order_by(part.c.erase_at))
        return [(str(r[0]), str(r[1]), int(r[2]), int(r[3]), int(r[4])) for r in rows]

    def due_in_scope(
        self, until: int, site: str, category: str, holding_id: str
    ) -> dict[tuple[int, int], tuple[str, str, int, int]]:
        bucket = (holding.c.site, holding.c.category, part.c.erase_at, holding.c.policy_version)
        query = select(part.c.holding_no, part.c.part_no, *bucket).join(
            holding, holding.c.no == part.c.holding_no
        )
        query = query.where(part.c.erase_at <= until, part.c.state.in_(_SWEPT), holding.c.site == site)
        query = query.where(holding.c.category == category) if category else query
        query = query.where(holding.c.id == holding_id) if holding_id else query
        return {
            (int(r[0]), int(r[1])): (str(r[2]), str(r[3]), int(r[4]), int(r[5]))
            for r in self._connection.execute(query)
        }


def _with_holding() -> Select[tuple[object, ...]]:
    return select(*part.c, *_HOLDING).join(holding, holding.c.no == part.c.holding_no)


def _due(row: RowMapping) -> DuePart:
    return DuePart(
        holding=HoldingRow(*(row[f"h_{name}"] for name in HoldingRow._fields)),
        part=PartRow(*(row[name] for name in PartRow._fields)),
    )


class SqlMarks:
    """Idempotency keys."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def known(self, digests: Sequence[tuple[int, bytes]]) -> dict[bytes, str]:
        by_epoch: dict[int, list[bytes]] = {}
        for epoch, digest in digests:
            by_epoch.setdefault(epoch, []).append(digest)
        found: dict[bytes, str] = {}
        for epoch, of_epoch in by_epoch.items():
            rows = look_up(
                self._connection, mark, ("digest", "holding_id"), {"epoch": epoch}, "digest", of_epoch
            )
            found |= {bytes(digest): str(holding_id) for digest, holding_id in rows}
        return found

    def add(self, rows: Sequence[tuple[int, bytes, str]]) -> None:
        # Two writers may hold the same key at once on PostgreSQL; the second waits for the first, and then must look
        # again.
        if insert_unless_there(self._connection, mark, rows) < len(rows):
            raise KeyRaced

    def forget(self, holding_ids: Sequence[str]) -> None:
        self._connection.execute(delete(mark).where(mark.c.holding_id.in_(holding_ids)))

    def drop_epochs(self, before: int) -> None:
        self._connection.execute(delete(mark).where(mark.c.epoch < before))
