"""Which consents stand behind a pass, and what a newer policy has changed since: what the gate asks before it decides."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from compliance.domain.agreement import LivingConsent, covered_by
from compliance.domain.difference import Difference, compare
from compliance.domain.errors import ComplianceError
from compliance.domain.policy import Pack
from compliance.domain.vocabulary import ConsentKind, PartState
from compliance.ports import Books, ConsentRow, HoldingRow, Keyring, PolicySource, UnitOfWork
from compliance.services.tokens import living_digests, normalise_pass_code, pass_subject

# Differences between immutable versions are the same for ever; only the last few are ever asked for.
_MOST_KEPT = 16


class Standing:
    def __init__(self, *, books: UnitOfWork, policies: PolicySource, keyring: Keyring) -> None:
        self._books, self._policies, self._keyring = books, policies, keyring
        self._differences: dict[tuple[int, int, str], Difference] = {}

    def changes_since(self, version: int, pack: Pack) -> Difference | None:
        """What `pack` changes against an earlier version; None where no such version was published."""
        key = (version, pack.version, pack.digest)
        if key not in self._differences:
            try:
                with self._books.reading() as books:
                    earlier = self._policies.version(books, version)
            except ComplianceError:
                return None
            if len(self._differences) >= _MOST_KEPT:
                self._differences.clear()
            self._differences[key] = compare(earlier, pack)
        return self._differences[key]

    def consents_of(self, pass_code: str, site: str, now: datetime) -> tuple[LivingConsent, ...]:
        """What the holder of this pass consented to, has not withdrawn, and may still be used."""
        with self._books.reading() as books:
            return tuple(
                self._living(books, holding, row)
                for holding in self.holdings(books, pass_code, site)
                if self._readable(books, holding, now)
                for row in books.consents.of_holding(holding.id)
            )

    def holdings(self, books: Books, pass_code: str, site: str) -> list[HoldingRow]:
        """Every living record of this pass, its own and those that rest on it."""
        if not normalise_pass_code(pass_code):
            return []
        found = books.holdings.by_tokens(living_digests(self._keyring, pass_subject(pass_code)))
        return [holding for holding in found if holding.site == site]

    def still(self, books: Books, consent_ids: Collection[str]) -> bool:
        """Whether all of these stand, to the end of the caller's transaction."""
        wanted = set(consent_ids)
        return not wanted or books.consents.standing(sorted(wanted)) == wanted

    def _readable(self, books: Books, holding: HoldingRow, now: datetime) -> bool:
        return any(
            part.state == PartState.ACTIVE and part.readable_until > now.timestamp()
            for part in books.holdings.parts(holding.no)
        )

    def _living(self, books: Books, holding: HoldingRow, row: ConsentRow) -> LivingConsent:
        pack = self._policies.version(books, row.policy_version)
        policy, kind = pack.categories[row.category], ConsentKind(row.kind)
        covers = covered_by(kind, row.covers.split(), policy, pack.site.basis_profile)
        return LivingConsent(
            id=row.id,
            category=row.category,
            policy_version=row.policy_version,
            kind=kind,
            by=row.by,
            covers=covers,
        )
