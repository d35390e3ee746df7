"""What a pass holder agreed to, what may be asked of them, and what stands as evidence: looked at, never changed here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from compliance.domain.agreement import askable, covered_by, relied_on
from compliance.domain.errors import RecordUnknown, RequestRefused
from compliance.domain.policy import CategoryPolicy, Pack, Text
from compliance.domain.vocabulary import Channel, ConsentKind
from compliance.ports import Books, Clock, ConsentRow, HoldingRow, Keyring, PolicySource, UnitOfWork
from compliance.services.forecast import due_day
from compliance.services.standing import Standing
from compliance.services.tokens import living_digests, normalise_pass_code, pass_subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One consent as evidence: opaque ids, days and words of closed lists. Nothing here says whose it is."""

    id: str
    record: str
    category: str
    label: Text
    kind: str
    by: str
    act: str
    notice: str
    channel: str
    policy_version: int
    covers: tuple[str, ...]
    labels: tuple[Text, ...]
    purposes: tuple[Text, ...]
    given_on: str
    withdrawn_on: str  # empty while it stands
    kept_until: str

    def as_json(self) -> dict[str, Any]:
        names = ("id", "record", "category", "kind", "by", "act", "notice", "channel", "policy_version")
        dates = ("given_on", "withdrawn_on", "kept_until")
        return {name: getattr(self, name) for name in (*names, *dates)} | {"covers": list(self.covers)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """One record of a pass holder and what they agreed to for it. `erase_on` is when the last of it goes."""

    category: str
    label: Text
    erase_on: str
    evidence: tuple[Evidence, ...]

    @property
    def stands(self) -> bool:
        return any(not one.withdrawn_on for one in self.evidence)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """What a form may ask a pass holder: neither what they agreed to already, nor what they refused lately."""

    category: str
    ask: tuple[str, ...]
    covered: tuple[str, ...]
    quiet: Mapping[str, str]  # field → the last day on which it is not asked

    def as_json(self) -> dict[str, Any]:
        return {
            "category": self.category,
            "ask": list(self.ask),
            "covered": list(self.covered),
            "not_again_before_end_of": dict(self.quiet),
        }


class ConsentBook:
    def __init__(
        self,
        *,
        books: UnitOfWork,
        policies: PolicySource,
        clock: Clock,
        keyring: Keyring,
        standing: Standing,
    ) -> None:
        self._books, self._policies, self._clock = books, policies, clock
        self._keyring, self._standing = keyring, standing

    def of_record(self, record: str) -> tuple[Evidence, ...]:
        """The evidence behind a record, withdrawn or not; it is there for as long as a claim may be brought.

        Raises RecordUnknown where nothing is held or kept under this id.
        """
        with self._books.reading() as books:
            found = books.consents.evidence(record)
            if not found and books.holdings.find(record) is None:
                raise RecordUnknown
            return tuple(self._evidence(books, row, day) for row, day in found)

    def agreed(self, pass_code: str) -> tuple[Agreed, ...]:
        """What the holder of this pass agreed to, newest first.

        Raises RequestRefused where nothing living has this pass code (wrong and unknown are one answer).
        """
        with self._books.reading() as books:
            pack = self._policies.active(books, self._clock.now())
            holdings = self._standing.holdings(books, pass_code, pack.site.name)
            if not holdings:
                raise RequestRefused("No living record has this pass code.")
            return tuple(self._agreed(books, holding, pack) for holding in reversed(holdings))

    def asking(self, pass_code: str, category: str, channel: Channel | None = None) -> Asking:
        """What a form of this category may ask the holder of a pass (网数条例 22(5): not again and again).

        An unknown pass is somebody of whom nothing is known: everything may be asked. Raises RequestRefused for a
        category that the policy does not have.
        """
        now = self._clock.now()
        with self._books.reading() as books:
            pack = self._policies.active(books, now)
            policy = pack.categories.get(category)
            if policy is None:
                raise RequestRefused("category: unknown")
            quiet = self._quiet(books, pass_code, category, pack)
        covered = self._covered(pass_code, policy, channel or policy.channels[0], pack)
        fields = [rule.name for rule in policy.fields.values() if askable(rule, pack.site.basis_profile)]
        return Asking(
            category=category,
            ask=tuple(name for name in fields if name not in covered and name not in quiet),
            covered=tuple(name for name in fields if name in covered and name not in quiet),
            quiet={name: until for name, until in quiet.items() if name in policy.fields},
        )

    def _quiet(self, books: Books, pass_code: str, category: str, pack: Pack) -> dict[str, str]:
        if not normalise_pass_code(pass_code):
            return {}
        today = pack.site.day_of(self._clock.now()).isoformat()
        tokens = living_digests(self._keyring, pass_subject(pass_code))
        return books.consents.cooling(tokens, category, today) if tokens else {}

    def _covered(
        self, pass_code: str, policy: CategoryPolicy, channel: Channel, pack: Pack
    ) -> frozenset[str]:
        living = self._standing.consents_of(pass_code, pack.site.name, self._clock.now())
        since = {one.policy_version: self._standing.changes_since(one.policy_version, pack) for one in living}
        rules = [rule for rule in policy.fields.values() if askable(rule, pack.site.basis_profile)]
        relied = relied_on(rules, policy, channel, living, since)
        return frozenset(name for one in relied for name in one.covers)

    def _agreed(self, books: Books, holding: HoldingRow, pack: Pack) -> Agreed:
        policy = self._policies.version(books, holding.policy_version).categories[holding.category]
        parts = books.holdings.parts(holding.no)
        return Agreed(
            category=holding.category,
            label=policy.label,
            erase_on=due_day(max((part.erase_at for part in parts), default=0), pack),
            evidence=tuple(
                self._evidence(books, row, day) for row, day in books.consents.evidence(holding.id)
            ),
        )

    def _evidence(self, books: Books, row: ConsentRow, withdrawn_on: str) -> Evidence:
        pack = self._policies.version(books, row.policy_version)
        policy = pack.categories[row.category]
        reached = covered_by(ConsentKind(row.kind), row.covers.split(), policy, pack.site.basis_profile)
        covers = tuple(name for name in policy.fields if name in reached)
        purposes = dict.fromkeys(policy.fields[name].purpose for name in covers)
        return Evidence(
            id=row.id,
            record=row.holding_id,
            category=row.category,
            label=policy.label,
            kind=row.kind,
            by=row.by,
            act=row.act,
            notice=row.notice,
            channel=row.channel,
            policy_version=row.policy_version,
            covers=covers,
            labels=tuple(policy.fields[name].label for name in covers),
            purposes=tuple(pack.site.purposes.get(name, Text(zh=name, en=name)) for name in purposes),
            given_on=row.day,
            withdrawn_on=withdrawn_on,
            kept_until=row.erase_on,
        )
