"""One transaction's worth of admitted submissions, from verdicts to rows: sealed, tokenised, counted, entered."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from compliance.domain.collection import Admitted, Cell, Refused
from compliance.domain.ledger import Act, Entry, members_root
from compliance.domain.policy import Pack
from compliance.domain.reasons import Reason, reason
from compliance.domain.submission import Submission
from compliance.domain.vocabulary import NoticeMode, PartState, ReasonCode
from compliance.ports import (
    Books,
    Caller,
    ConsentRow,
    DetectionRow,
    Expectation,
    HoldingRow,
    Ids,
    Keyring,
    Outcome,
    PartRef,
    PartRow,
    Receipt,
    RefusalRow,
    StoredPart,
    TokenRow,
    Writes,
)
from compliance.services.contents import bound, encode
from compliance.services.forecast import due_day
from compliance.services.keys_in_hand import KeysInHand
from compliance.services.sealing import Sealing
from compliance.services.tokens import derived_pass_code, epoch_key, epoch_of, pass_subject, subject_token

# Evidence of consent outlives the record by the period in which a claim may be brought (民法典 188; an engine choice).
EVIDENCE_DAYS = 3 * 366
_MARK = b"mark\x00"


def window_key(site: str, window: str) -> str:
    return f"window/{site}/{window}"


class Batch:
    """Collects rows; `write` puts them down. Lives within one writing transaction."""

    def __init__(
        self,
        *,
        books: Books,
        pack: Pack,
        caller: Caller,
        now: datetime,
        keyring: Keyring,
        ids: Ids,
        store_for: Callable[[str], str],
        writes: Mapping[str, Writes],
    ) -> None:
        self._books, self._pack, self._caller, self._now = books, pack, caller, now
        self._keyring, self._ids = KeysInHand(keyring), ids
        self._store_for, self._writes = store_for, writes
        self._epoch = epoch_of(now)
        self._today = now.astimezone(pack.site.timezone).date().isoformat()
        self._holdings: list[HoldingRow] = []
        self._parts: list[PartRow] = []
        self._tokens: list[TokenRow] = []
        self._marks: dict[bytes, HoldingRow] = {}
        self._receipts: dict[str, Receipt] = {}
        self._consents: list[ConsentRow] = []
        self._stored: dict[tuple[str, str], list[StoredPart]] = defaultdict(list)
        self._members: dict[str, list[tuple[str, str]]] = defaultdict(list)
        self._refusals: Counter[tuple[str, str, str, str]] = Counter()
        self._detections: Counter[tuple[str, str, str]] = Counter()
        self._expected: Counter[tuple[str, str]] = Counter()
        self._cells: dict[tuple[str, str, int, str, str], tuple[int, int]] = {}
        self.foreign: dict[tuple[str, str], list[StoredPart]] = {}

    def enter(self, verdicts: Sequence[tuple[Submission | None, Admitted | Refused]]) -> list[Outcome]:
        """Turn verdicts into outcomes, remembering what is to be written."""
        self._number = self._books.holdings.reserve(max(1, len(verdicts)))
        self._known = self._books.marks.known(self._mark_digests(verdicts))
        return [self._enter(submission, verdict) for submission, verdict in verdicts]

    def _enter(self, submission: Submission | None, verdict: Admitted | Refused) -> Outcome:
        if submission is not None and isinstance(verdict, Admitted) and not self._in_scope(submission):
            verdict = Refused(reasons=(reason(ReasonCode.WRONG_CHANNEL, "channel"),))
        if submission is None or isinstance(verdict, Refused):
            reasons = verdict.reasons if isinstance(verdict, Refused) else ()
            self._count_refusal(submission, reasons)
            self._count_heard(verdict)
            return Outcome(reasons=reasons)
        if submission.key is not None:
            replay = self._replay(submission)
            if replay is not None:
                return replay
        self._count_heard(verdict)
        return Outcome(receipt=self._admit(submission, verdict))

    def _in_scope(self, submission: Submission) -> bool:
        categories, channels = self._caller.categories, self._caller.channels
        if self._caller.site not in (None, submission.site):
            return False
        return (not categories or submission.category in categories) and (
            not channels or submission.channel in channels
        )

    # -- idempotency ---------------------------------------------------------------------------------------------

    def _scope(self, submission: Submission) -> str:
        return json.dumps([self._caller.id, submission.site, submission.category, submission.key])

    def _mark(self, epoch: int, submission: Submission) -> bytes:
        return self._keyring.mac(epoch_key(epoch))(_MARK + self._scope(submission).encode())

    def _mark_digests(
        self, verdicts: Sequence[tuple[Submission | None, Admitted | Refused]]
    ) -> list[tuple[int, bytes]]:
        # A retry ten seconds into a new month must find its first try in the old one.
        keyed = [
            submission for submission, _ in verdicts if submission is not None and submission.key is not None
        ]
        return [mark for one in keyed for mark in self._marks_of(one)]

    def _marks_of(self, submission: Submission) -> list[tuple[int, bytes]]:
        marks = [(self._epoch, self._mark(self._epoch, submission))]
        # Asking must not make last month's key anew: it may have been destroyed, and nothing would ever need it.
        before = self._keyring.living_mac(epoch_key(self._epoch - 1))
        if before is not None:
            marks.append((self._epoch - 1, before(_MARK + self._scope(submission).encode())))
        return marks

    def _content(self, epoch: int, submission: Submission) -> bytes:
        said = [submission.category, submission.channel, submission.fields, submission.declined]
        # What was stripped is part of what was said, and need not even be JSON where the caller is a library.
        canonical = json.dumps(said, sort_keys=True, default=str).encode()
        return self._keyring.mac(epoch_key(epoch))(b"content\x00" + canonical)

    def _replay(self, submission: Submission) -> Outcome | None:
        for epoch, digest in self._marks_of(submission):
            first = self._marks.get(digest)
            if first is None and digest in self._known:
                first = self._books.holdings.find(self._known[digest])
                if first is None:
                    return Outcome(erased=True)
            if first is None:
                continue
            if first.content != self._content(epoch, submission):
                return Outcome(reasons=(reason(ReasonCode.KEY_REUSED, "key"),))
            return Outcome(
                receipt=self._receipt_again(
                    first, derived_pass_code(self._keyring, epoch, self._scope(submission))
                )
            )
        return None

    def _receipt_again(self, first: HoldingRow, pass_code: str) -> Receipt:
        parts = self._books.holdings.parts(first.no) or [
            row for row in self._parts if row.holding_no == first.no
        ]
        return Receipt(
            record=first.id,
            category=first.category,
            site=first.site,
            policy_version=first.policy_version,
            pass_code=pass_code,
            erase_on=due_day(max(row.erase_at for row in parts), self._pack),
            replayed=True,
        )

    # -- admission -----------------------------------------------------------------------------------------------

    def _admit(self, submission: Submission, admitted: Admitted) -> Receipt:
        holding_id = self._ids.holding_id(self._now)
        number, self._number = self._number, self._number + 1
        store = self._store_for(submission.category)
        keyed = submission.key is not None
        holding = HoldingRow(
            no=number,
            id=holding_id,
            site=submission.site,
            store=store,
            category=submission.category,
            policy_version=self._pack.version,
            ref=None,
            content=self._content(self._epoch, submission) if keyed else None,
        )
        if keyed:
            self._marks[self._mark(self._epoch, submission)] = holding
            pass_code = derived_pass_code(self._keyring, self._epoch, self._scope(submission))
        else:
            pass_code = self._ids.secret(12)
        self._holdings.append(holding)
        self._add_parts(holding, admitted, pass_code)
        self._add_evidence(holding, submission, admitted)
        self._add_cell(admitted.cell)
        last = max(part.due.erase_at for part in admitted.parts)
        return Receipt(
            record=holding_id,
            category=submission.category,
            site=submission.site,
            policy_version=self._pack.version,
            pass_code=pass_code,
            erase_on=due_day(last.timestamp(), self._pack),
            stripped=admitted.stripped,
            flagged=admitted.flagged,
        )

    def _add_parts(self, holding: HoldingRow, admitted: Admitted, pass_code: str) -> None:
        writes = self._writes[holding.store]
        longest = max(range(len(admitted.parts)), key=lambda at: admitted.parts[at].due.erase_at)
        for part_no, draft in enumerate(admitted.parts):
            values = [key.value for key in admitted.subjects if key.retention_class == draft.retention_class]
            if part_no == longest:
                values.append(pass_subject(pass_code))
            digests = [subject_token(self._keyring, self._epoch, value) for value in values]
            key, envelope = "", b""
            if writes.capabilities.sealing:
                key = window_key(holding.site, draft.window)
                binding = bound(holding.id, part_no, holding.policy_version)
                envelope = self._keyring.sealer(key)(encode(draft.content), binding)
            row = PartRow(
                holding_no=holding.no,
                part_no=part_no,
                retention_class=draft.retention_class,
                readable_until=int(draft.due.readable_until.timestamp()),
                erase_at=int(draft.due.erase_at.timestamp()),
                key=key,
                state=(PartState.ACTIVE if writes.capabilities.ours else PartState.INTENDED).value,
                tokens=b"".join(self._epoch.to_bytes(2, "big") + digest for digest in digests),
            )
            self._parts.append(row)
            self._tokens += [TokenRow(self._epoch, digest, holding.no) for digest in digests]
            self._expected[holding.category, due_day(row.erase_at, self._pack)] += 1
            ref = PartRef(holding.no, part_no, holding.id, None, tuple(draft.content))
            self._stored[holding.store, holding.category].append(StoredPart(ref, envelope, draft.content))
        named = ",".join(str(part_no) for part_no in range(len(admitted.parts)))
        self._members[holding.category].append((holding.id, named))

    def _add_evidence(self, holding: HoldingRow, submission: Submission, admitted: Admitted) -> None:
        if not admitted.consent_given or submission.notice is None:
            return
        notice = submission.notice
        shown = f"{notice.mode}:{notice.by or ''}"
        if notice.mode is NoticeMode.SCREEN:
            digest = self._keyring.mac(f"consent/{self._now.year}")(
                b"notice\x00" + (notice.id or "").encode()
            )
            shown = f"{notice.mode}:{digest.hex()}"
        last = max(part.due.erase_at for part in admitted.parts) + timedelta(days=EVIDENCE_DAYS)
        self._consents += [
            ConsentRow(
                id=self._ids.secret(16),
                holding_id=holding.id,
                site=holding.site,
                category=holding.category,
                policy_version=holding.policy_version,
                kind=act.kind.value,
                covers=" ".join(name for name in act.covers if name in admitted.policy.fields),
                by=act.by,
                act=act.act.value,
                notice=shown,
                channel=submission.channel.value,
                day=self._today,
                erase_on=last.date().isoformat(),
            )
            for act in submission.consent
        ]

    def _add_cell(self, cell: Cell | None) -> None:
        if cell is not None:
            at = (cell.site, cell.day, cell.daypart, cell.category, cell.gate)
            n, show_after = self._cells.get(at, (0, 0))
            self._cells[at] = (n + 1, max(show_after, int(cell.show_after.timestamp())))

    def _count_refusal(self, submission: Submission | None, reasons: Sequence[Reason]) -> None:
        category = submission.category if submission and submission.category in self._pack.categories else ""
        channel = submission.channel.value if submission else ""
        known = self._pack.categories[category].fields if category else {}
        for fault in reasons:
            field = fault.field or ""
            # What a caller calls a field may itself be somebody's number: only names that we know are kept.
            named = field if field in known or field in self._pack.never else ""
            self._refusals[category, channel, fault.code.value, named] += 1

    def _count_heard(self, verdict: Admitted | Refused) -> None:
        dropped = {fault.field for fault in verdict.stripped} if isinstance(verdict, Admitted) else ()
        for one in verdict.heard:
            outcome = "stripped" if one.field in dropped else "flagged"
            outcome = "refused" if isinstance(verdict, Refused) else outcome
            self._detections[one.kind, one.certainty, outcome] += 1

    # -- writing -------------------------------------------------------------------------------------------------

    def write(self, sealing: Sealing) -> None:
        books, site = self._books, self._pack.site.name
        books.holdings.add(self._holdings, self._parts, self._tokens)
        books.marks.add([(self._epoch, digest, row.id) for digest, row in self._marks.items()])
        books.counts.tally(self._cells)
        books.counts.refused(
            [
                RefusalRow(site, category, channel, self._today, code, field, n)
                for (category, channel, code, field), n in self._refusals.items()
            ]
        )
        books.counts.detected(
            [DetectionRow(site, self._today, *spoke, n) for spoke, n in self._detections.items()]
        )
        books.counts.expect([Expectation(site, *bucket, n) for bucket, n in self._expected.items()])
        books.consents.add(self._consents)
        for category, members in self._members.items():
            facts = (("policy", self._pack.version), ("door", self._caller.door.value))
            root = members_root(Act.ADMITTED, members)
            entry = Entry(
                act=Act.ADMITTED,
                site=site,
                category=category,
                day=self._today,
                count=len(members),
                facts=facts,
                members=root,
            )
            sealing.write(books, entry)
        for (name, category), parts in self._stored.items():
            if self._writes[name].capabilities.ours:
                self._writes[name].append(books, category, parts)
            else:
                self.foreign[name, category] = parts

    def take_back(self, books: Books, sealing: Sealing, category: str, numbers: Sequence[int]) -> None:
        """Undo, in a transaction of its own, what a store of somebody else's did not take: the ledger says so."""
        claimed = books.holdings.claim(numbers)
        books.holdings.drop([due.part for due in claimed])
        members = sorted({(due.holding.id, "") for due in claimed})
        books.marks.forget([holding_id for holding_id, _ in members])
        site = self._pack.site.name
        gone = Counter(due_day(due.part.erase_at, self._pack) for due in claimed)
        books.counts.expect([Expectation(site, category, day, -n) for day, n in gone.items()])
        root = members_root(Act.NOT_TAKEN, members)
        entry = Entry(
            act=Act.NOT_TAKEN, site=site, category=category, day=self._today, count=len(members), members=root
        )
        sealing.write(books, entry)
