"""What comes later: a trigger fact such as the exit time, and the due moments that move with it.

Earlier: the part's dates change and its envelope stays under the key it has. Past its window: the envelope is sealed
again under the later window's key, in the same transaction. The fact itself becomes a part of its own class.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from compliance.domain.agreement import askable
from compliance.domain.collection import disorder, fault_of, kept_form, over_collection
from compliance.domain.errors import CollectionRefused, RecordErased, RecordUnknown
from compliance.domain.formats import Instruments, Unfit, read_value
from compliance.domain.ledger import Act, Entry, members_root
from compliance.domain.policy import CategoryPolicy, Pack
from compliance.domain.reasons import Reason, reason
from compliance.domain.schedule import Due, Retention, window
from compliance.domain.submission import parse_time
from compliance.domain.vocabulary import FieldType, PartState, ReasonCode
from compliance.ports import (
    Books,
    Clock,
    Expectation,
    HoldingRow,
    Keyring,
    PartRef,
    PartRow,
    PolicySource,
    Reads,
    StoredPart,
    UnitOfWork,
    Writes,
    place_of,
)
from compliance.services.batch import window_key
from compliance.services.consented import fields_consented
from compliance.services.contents import bound, encode, opened
from compliance.services.forecast import due_day
from compliance.services.sealing import Sealing
from compliance.services.shortenings import Shortenings


class Amendment:
    def __init__(
        self,
        *,
        books: UnitOfWork,
        policies: PolicySource,
        writes: Mapping[str, Writes],
        reads: Mapping[str, Reads],
        keyring: Keyring,
        clock: Clock,
        tools: Instruments,
        sealing: Sealing,
    ) -> None:
        self._books, self._policies = books, policies
        self._writes, self._reads = writes, reads
        self._keyring, self._clock = keyring, clock
        self._tools, self._sealing = tools, sealing
        self._shortenings = Shortenings(policies)

    def amend(self, holding_id: str, fields: Mapping[str, object]) -> None:
        with self._books.writing() as books:
            self._sealing.require_open(books)
            books.window_lock(exclusive=False)
            holding = books.holdings.find(holding_id)
            if holding is None:
                raise RecordErased if books.ledger.tombstones_of(holding_id) else RecordUnknown
            pack = self._policies.version(books, holding.policy_version)
            policy = pack.categories[holding.category]
            parts = [due.part for due in books.holdings.claim([holding.no])]
            now = self._clock.now()
            if all(row.readable_until <= now.timestamp() or row.state != PartState.ACTIVE for row in parts):
                raise RecordErased
            content = opened(books, holding, parts, policy, self._reads[holding.store], self._keyring)
            values = self._read(policy, pack, fields, content, now)
            self._require_consent(books, holding, pack, values)
            if values:
                self._apply(books, pack, holding, parts, content, values)

    def _read(
        self,
        policy: CategoryPolicy,
        pack: Pack,
        fields: Mapping[str, object],
        content: Mapping[int, Mapping[str, object]],
        now: datetime,
    ) -> dict[str, object]:
        held = {name: value for part in content.values() for name, value in part.items()}
        faults: list[Reason] = []
        values: dict[str, object] = {}
        for name, value in fields.items():
            rule = policy.fields.get(name)
            if rule is None:
                faults.append(over_collection(name, policy, pack.never))
                continue
            try:
                read = read_value(rule, value, now, self._tools)
            except Unfit as unfit:
                faults.append(fault_of(rule, unfit.code))
                continue
            if held.get(name) == kept_form(rule, read, self._tools):
                continue  # the same fact again: a retry
            if not rule.amendable or name in held:
                faults.append(reason(ReasonCode.BAD_ORDER, name, say=_SETTLED))
            values[name] = read
        faults += disorder(policy, {**_times(policy, held), **values})
        if faults:
            raise CollectionRefused(tuple(faults))
        return values

    def _require_consent(
        self, books: Books, holding: HoldingRow, pack: Pack, values: Mapping[str, object]
    ) -> None:
        """What comes later needs the consent that what came first did: it was told of then, or is asked for."""
        policy = pack.categories[holding.category]
        on_consent = [
            policy.fields[name] for name in values if askable(policy.fields[name], pack.site.basis_profile)
        ]
        # Of a row that was in somebody's table before us there is no evidence either way.
        if policy.exempt or holding.ref is not None or not on_consent:
            return
        covered = fields_consented(books, self._policies, holding)
        lacking = [rule for rule in on_consent if rule.name not in covered]
        if lacking:
            raise CollectionRefused(tuple(fault_of(rule, ReasonCode.NO_CONSENT) for rule in lacking))

    def _apply(
        self,
        books: Books,
        pack: Pack,
        holding: HoldingRow,
        parts: list[PartRow],
        content: Mapping[int, Mapping[str, object]],
        values: Mapping[str, object],
    ) -> None:
        policy, zone = pack.categories[holding.category], pack.site.timezone
        held = {name: value for part in content.values() for name, value in part.items()}
        facts = _triggers(policy, held, values)
        moved = [self._moved(books, pack, holding, row, facts) for row in parts]
        added: list[PartRow] = []
        part_no = max(row.part_no for row in parts)
        for number, retention in enumerate(policy.retentions):
            fresh = {
                name: value for name, value in values.items() if policy.fields[name].retention_class == number
            }
            if not fresh:
                continue
            # Where this class's start is not among the facts, the new fact dies with the record's last part.
            due = self._due(books, holding, number, retention, facts, zone) or _last(moved)
            part_no += 1
            kept = {name: kept_form(policy.fields[name], value, self._tools) for name, value in fresh.items()}
            name = window_key(holding.site, window(retention, due.erase_at, zone))
            duty = PartRow(
                holding_no=holding.no,
                part_no=part_no,
                retention_class=number,
                readable_until=int(due.readable_until.timestamp()),
                erase_at=int(due.erase_at.timestamp()),
                key=name if self._writes[holding.store].capabilities.sealing else "",
                state=PartState.ACTIVE.value,
                tokens=b"",
            )
            added.append(self._stored(books, holding, duty, kept))
        books.holdings.add_parts(added, [])
        self._enter(books, pack, holding, parts, moved, added)

    def _moved(
        self, books: Books, pack: Pack, holding: HoldingRow, row: PartRow, facts: dict[str, datetime]
    ) -> PartRow:
        zone = pack.site.timezone
        retention = pack.categories[holding.category].retentions[row.retention_class]
        due = self._due(books, holding, row.retention_class, retention, facts, zone)
        # Once due, always due: what is over is not brought back because nobody has swept it yet.
        over = row.readable_until <= self._clock.now().timestamp()
        if due is None or row.state != PartState.ACTIVE or over:
            return row
        later = window_key(holding.site, window(retention, due.erase_at, zone))
        # Window names of one kind sort by time; a part that dies earlier stays under the key it has.
        key = later if row.key and later > row.key else row.key
        moved = row._replace(
            readable_until=int(due.readable_until.timestamp()),
            erase_at=int(due.erase_at.timestamp()),
            key=key,
        )
        if key != row.key and row.wrapped is not None:
            binding = bound(holding.id, row.part_no, holding.policy_version)
            moved = moved._replace(wrapped=self._keyring.rewrap(row.key, key, row.wrapped, binding))
        elif key != row.key:
            store = self._reads[holding.store]
            ref = PartRef(holding.no, row.part_no, holding.id, holding.ref)
            envelope = store.fetch(books, [ref])[row.part_no]
            binding = bound(holding.id, row.part_no, holding.policy_version)
            if isinstance(envelope, bytes):
                clear = self._keyring.unseal(row.key, envelope, binding)
                sealed = self._keyring.sealer(key)(clear, binding)
                self._writes[holding.store].replace(books, [StoredPart(ref, sealed, {})])
        if moved != row:
            books.holdings.move(moved)
        return moved

    def _due(
        self,
        books: Books,
        holding: HoldingRow,
        klass: int,
        retention: Retention,
        facts: dict[str, datetime],
        zone: ZoneInfo,
    ) -> Due | None:
        """What the promise gives for these facts, held to what a later policy has shortened it to."""
        due = retention.due(facts, zone)
        if due is None:
            return None
        return self._shortenings.hold_to(
            books,
            due,
            version=holding.policy_version,
            category=holding.category,
            klass=klass,
            facts=facts,
            now=self._clock.now(),
        )

    def _stored(self, books: Books, holding: HoldingRow, row: PartRow, kept: Mapping[str, object]) -> PartRow:
        """Put a new part into its store; its row, with its own key where the store cannot erase."""
        writes = self._writes[holding.store]
        ref = PartRef(holding.no, row.part_no, holding.id, holding.ref, tuple(kept))
        if not writes.capabilities.sealing:
            writes.replace(books, [StoredPart(ref, b"", kept)])
            return row
        binding, wrapped = bound(holding.id, row.part_no, holding.policy_version), None
        if writes.capabilities.erases:
            envelope = self._keyring.sealer(row.key)(encode(kept), binding)
        else:
            envelope, wrapped = self._keyring.part_sealer(row.key)(encode(kept), binding)
        refs = writes.append(books, holding.category, [StoredPart(ref, envelope, kept, row.key)])
        return row._replace(wrapped=wrapped, ref=refs.get(place_of(ref)))

    def _enter(
        self,
        books: Books,
        pack: Pack,
        holding: HoldingRow,
        before: list[PartRow],
        moved: list[PartRow],
        added: list[PartRow],
    ) -> None:
        site, category = holding.site, holding.category
        gone = [Expectation(site, category, due_day(row.erase_at, pack), -1) for row in before]
        come = [Expectation(site, category, due_day(row.erase_at, pack), 1) for row in [*moved, *added]]
        books.counts.expect(gone + come)
        day = pack.site.day_of(self._clock.now()).isoformat()
        root = members_root(Act.AMENDED, [(holding.id, ",".join(str(row.part_no) for row in added))])
        facts = (("policy", holding.policy_version),)
        entry = Entry(
            act=Act.AMENDED, site=site, category=category, day=day, count=1, facts=facts, members=root
        )
        self._sealing.write(books, entry)


def _triggers(
    policy: CategoryPolicy, held: Mapping[str, object], values: Mapping[str, object]
) -> dict[str, datetime]:
    """The facts a due moment may move with. When the record was collected is not kept, so it moves nothing."""
    return {
        name: moment
        for name, moment in {**_times(policy, held), **values}.items()
        if isinstance(moment, datetime)
    }


def _last(parts: list[PartRow]) -> Due:
    latest = max(parts, key=lambda row: row.erase_at)
    return Due(
        readable_until=datetime.fromtimestamp(latest.readable_until, UTC),
        erase_at=datetime.fromtimestamp(latest.erase_at, UTC),
    )


_SETTLED = (
    "这一项登记后不能再改，如有错误请走更正申请。",
    "This cannot be changed later; ask for a correction.",
)


def _times(policy: CategoryPolicy, held: Mapping[str, object]) -> dict[str, datetime]:
    times = {}
    for name, value in held.items():
        if name in policy.fields and policy.fields[name].type is FieldType.TIME:
            moment = value.astimezone() if isinstance(value, datetime) else parse_time(value)
            if moment is not None:
                times[name] = moment
    return times
