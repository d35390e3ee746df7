"""What is kept of a consent when a record is admitted: how, by whom and to what, and never who.

Nothing here identifies anybody once the record has gone: an opaque id that only the person's own slip repeats, a keyed
digest of the notice's id, the staff id of whoever read it out. See docs/adr/0013.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from compliance.domain.agreement import ASK_AGAIN_AFTER, covered_by, refusals
from compliance.domain.collection import Admitted
from compliance.domain.policy import Pack
from compliance.domain.submission import ConsentGiven, NoticeGiven, Submission
from compliance.domain.vocabulary import ConsentKind, NoticeMode
from compliance.ports import Books, ConsentRow, CoolDownRow, HoldingRow, Ids, Keyring, RelianceRow
from compliance.services.keys_in_hand import KeysInHand
from compliance.services.tokens import epoch_key, epoch_of, pass_subject, subject_token

# Evidence of consent outlives the record by the period in which a claim may be brought (民法典 188; an engine choice).
EVIDENCE_DAYS = 3 * 366
TAKEN_OVER = "pass"
SHOWN_TO_ANOTHER = (
    "这份告知已用于另一次登记，请为这位来访人重新出示。",
    "This notice was shown to somebody else: show it to this person as well.",
)
_SHOWING = b"showing\x00"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Turns admitted submissions into rows. Lives within one writing transaction, as the batch does."""

    keyring: Keyring | KeysInHand
    ids: Ids
    pack: Pack
    now: datetime

    def consents(
        self, holding: HoldingRow, submission: Submission, admitted: Admitted
    ) -> tuple[list[ConsentRow], list[RelianceRow]]:
        """One row for each act of consent, and one for each earlier consent that the record rests on."""
        last = max(part.due.erase_at for part in admitted.parts) + timedelta(days=EVIDENCE_DAYS)
        blank = self._blank(holding, submission, last.date().isoformat())
        rows: list[ConsentRow] = []
        if admitted.consent_given and submission.notice is not None:
            shown = self._shown(submission.notice)
            version = admitted.shown_version or holding.policy_version
            for act in submission.consent:
                covers = " ".join(self._covered(act, submission, admitted))
                said = blank._replace(id=self.ids.secret(16), kind=act.kind.value, covers=covers, by=act.by)
                rows.append(said._replace(act=act.act.value, notice=shown, policy_version=version))
        relying: list[RelianceRow] = []
        for one in admitted.by_pass:
            earlier, covers = one.consent, " ".join(one.covers)
            said = blank._replace(
                id=self.ids.secret(16), kind=earlier.kind.value, covers=covers, by=earlier.by
            )
            rows.append(said._replace(policy_version=earlier.policy_version))
            relying.append(RelianceRow(said.id, earlier.id, holding.id, blank.erase_on))
        return rows, relying

    def refused(self, submission: Submission, admitted: Admitted, pass_code: str) -> Iterator[CoolDownRow]:
        """That the holder of this pass, and of the one that was shown, is not asked for what they declined."""
        until = last_quiet_day(self.pack.site.day_of(self.now))
        epoch = epoch_of(self.now)
        for rule in refusals(submission.declined, admitted.policy, self.pack.site.basis_profile):
            for code in (pass_code, submission.pass_code or ""):
                if pass_subject(code) != pass_subject(""):
                    digest = subject_token(self.keyring, epoch, pass_subject(code))
                    yield CoolDownRow(epoch, digest, submission.category, rule.name, until)

    def _covered(self, act: ConsentGiven, submission: Submission, admitted: Admitted) -> tuple[str, ...]:
        """The fields by name: a consent to "all of this" is to what was given then, and to what was told would follow."""
        policy = admitted.policy
        if act.covers or act.kind is not ConsentKind.PLAIN:
            return tuple(name for name in act.covers if name in policy.fields)
        left_out = {fault.field for fault in admitted.stripped}
        given = {name for name, value in submission.fields.items() if value not in (None, "")} - left_out
        ordinary = covered_by(act.kind, (), policy, self.pack.site.basis_profile)
        return tuple(
            name
            for name, rule in policy.fields.items()
            if name in ordinary and (name in given or rule.auto or rule.amendable)
        )

    def _shown(self, notice: NoticeGiven) -> str:
        if notice.mode is not NoticeMode.SCREEN:
            return f"{notice.mode}:{notice.by or ''}"
        digest = self.keyring.mac(f"consent/{self.now.year}")(b"notice\x00" + (notice.id or "").encode())
        return f"{notice.mode}:{digest.hex()}"

    def _blank(self, holding: HoldingRow, submission: Submission, end: str) -> ConsentRow:
        """What every row of one record has in common; as it stands, of a consent taken over by a pass."""
        return ConsentRow(
            id="",
            holding_id=holding.id,
            site=holding.site,
            category=holding.category,
            policy_version=holding.policy_version,
            kind="",
            covers="",
            by="",
            act=TAKEN_OVER,
            notice=TAKEN_OVER,
            channel=submission.channel.value,
            day=self.pack.site.day_of(self.now).isoformat(),
            erase_on=end,
        )


class Showings:
    """The notices that were shown on a screen, within one writing transaction: one showing bears one person's consent.

    A notice is good for a day, so what was shown last month may have been used in it: both months' marks are looked for.
    """

    def __init__(
        self, books: Books, keyring: KeysInHand, epoch: int, submissions: Iterable[Submission]
    ) -> None:
        self._epoch = epoch
        shown = {id(one): notice for one in submissions if (notice := _tapped(one)) is not None}
        last_month = keyring.living_mac(epoch_key(epoch - 1)) if shown else None
        macs = ((epoch, keyring.mac(epoch_key(epoch))), (epoch - 1, last_month)) if shown else ()
        self._marks = {
            one: [(of, mac(_SHOWING + notice)) for of, mac in macs if mac is not None]
            for one, notice in shown.items()
        }
        marks = [mark for each in self._marks.values() for mark in each]
        self._known = books.marks.known(marks) if marks else {}
        self._fresh: dict[bytes, str] = {}

    def used(self, submission: Submission) -> bool:
        """Whether this showing has borne somebody's consent already."""
        marks = self._marks.get(id(submission), ())
        return any(mark in self._known or mark in self._fresh for _, mark in marks)

    def remember(self, submission: Submission, record: str) -> None:
        for _, mark in self._marks.get(id(submission), ())[:1]:
            self._fresh[mark] = record

    def rows(self) -> list[tuple[int, bytes, str]]:
        return [(self._epoch, mark, record) for mark, record in self._fresh.items()]


def _tapped(submission: Submission) -> bytes | None:
    """The id of the notice that a consent was given to on a screen."""
    notice = submission.notice
    if notice is None or notice.id is None or notice.mode is not NoticeMode.SCREEN or not submission.consent:
        return None
    return notice.id.encode("utf-8", "replace")


def last_quiet_day(refused_on: date) -> str:
    """The last day on which nobody is asked again: the day of the refusal is not counted (民法典 201)."""
    return (refused_on + timedelta(days=ASK_AGAIN_AFTER)).isoformat()
