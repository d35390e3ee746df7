"""The rows of our own books: opaque ids, days, counts, keyed tokens. No content, no submitted time."""

from __future__ import annotations

from typing import NamedTuple

from compliance.domain.disposition import StandingHold


class HoldingRow(NamedTuple):
    """The duty of one record: no content and no submitted time. `content` is a keyed digest that dies with it."""

    no: int
    id: str
    site: str
    store: str
    category: str
    policy_version: int
    ref: str | None
    content: bytes | None


class PartRow(NamedTuple):
    """One part's duty. Moments are epoch seconds; `key` names the key that seals it; `tokens` die with it.

    Where its store cannot erase, `wrapped` is the part's own key, sealed under `key`, and `ref` is where it lies.
    """

    holding_no: int
    part_no: int
    retention_class: int
    readable_until: int
    erase_at: int
    key: str
    state: str
    tokens: bytes  # concatenated 2-byte epoch and 16-byte digest, see `services.tokens`
    wrapped: bytes | None = None
    ref: str | None = None

    def subject_tokens(self) -> list[tuple[int, bytes]]:
        """Epoch and digest of each token that dies with this part."""
        pieces = (self.tokens[at : at + 18] for at in range(0, len(self.tokens), 18))
        return [(int.from_bytes(piece[:2], "big"), piece[2:]) for piece in pieces]


class TokenRow(NamedTuple):
    epoch: int  # year * 12 + month
    digest: bytes
    holding_no: int


class DuePart(NamedTuple):
    holding: HoldingRow
    part: PartRow


class HoldRow(NamedTuple):
    """A legal hold on one holding, or on a site's category. Placed and released, never edited."""

    id: str
    site: str
    category: str  # "" = every category
    holding_id: str  # "" = every holding of the scope
    ground: str  # R8 named authority | R8b own dispute | E85 evidence of an emergency
    document: str
    law_ref: str
    until: str  # ISO date, the day of its end
    placed_by: str
    second_by: str

    def standing(self) -> StandingHold:
        """The hold as decisions see it."""
        return StandingHold(
            id=self.id,
            site=self.site,
            category=self.category,
            holding_id=self.holding_id,
            ground=self.ground,
            law_ref=self.law_ref,
            until=self.until,
        )


class RefusalRow(NamedTuple):
    site: str
    category: str
    channel: str
    day: str
    code: str
    field: str  # a name the policy or the never-list knows, else "": hostile names are not kept
    n: int
    verdict: str = "refused"  # refused | stripped | observed


class DetectionRow(NamedTuple):
    site: str
    day: str
    kind: str
    certainty: str
    outcome: str  # of the field: refused, stripped or flagged
    n: int


class ConsentRow(NamedTuple):
    """Evidence of one act of consent. It outlives the record as a token, never as a name."""

    id: str
    holding_id: str
    site: str
    category: str
    policy_version: int
    kind: str
    covers: str  # space-separated field names; "" (before revision 0004) = every ordinary field whose basis is consent
    by: str
    act: str
    notice: str  # mode and the staff id, or a keyed digest of the notice id
    channel: str
    day: str
    erase_on: str


class Expectation(NamedTuple):
    """How many parts more (or fewer) fall due on a day, by an act that the ledger knows."""

    site: str
    category: str
    due_day: str
    n: int


class TombstoneRow(NamedTuple):
    """What one batch disposed of; `members` are ``holding id/part numbers`` lines, opaque for ever."""

    act_id: str
    site: str
    category: str
    day: str
    act: str
    cause: str  # expired | request | withdrawal
    policy_version: int
    n: int
    members: str


class PendingEntry(NamedTuple):
    id: int
    act_id: str
    written_at: int
    canonical: bytes


class HeadRow(NamedTuple):
    size: int
    root: bytes
    time: int
    note: str
