"""Taking a consent back: what rested on it stops being used now, and is due for deletion now (PIPL 15, 47(1)(3)).

The evidence that it was given stays as it was, and the withdrawal is entered beside it. What other records took over from
it by a pass falls with it. Nothing here waits for anybody: not for the officer, not for a disposal that stands still.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from compliance.domain.agreement import covered_by
from compliance.domain.ledger import Act, Entry
from compliance.domain.vocabulary import ConsentKind
from compliance.ports import Books, ConsentRow, CoolDownRow, Dispose, HoldingRow, Journal, RequestRow
from compliance.services.casework import Casework
from compliance.services.evidence import last_quiet_day
from compliance.services.tokens import living_digests


class Withdrawing:
    def __init__(self, *, casework: Casework, disposal: Dispose, journal: Journal) -> None:
        self._case, self._disposal, self._journal = casework, disposal, journal

    def withdraw(self, books: Books, row: RequestRow) -> RequestRow:
        """Take back every consent of the person whose identity this request has shown, in the caller's transaction.

        Returns the request, which remembers the records that it reached.
        """
        day, now = self._case.today(books), self._case.clock.now()
        reached = self._reached(books, row)
        for holding, consents in reached:
            ids = [consent.id for consent in consents]
            books.consents.withdraw(ids, day.isoformat())
            facts = (("article", "PIPL 15"), ("consents", len(ids)))
            entry = Entry(
                act=Act.WITHDRAWN,
                site=holding.site,
                category=holding.category,
                day=day.isoformat(),
                count=1,
                facts=facts,
            )
            act_id = self._case.sealing.write(books, entry)
            line = {"act": Act.WITHDRAWN.value, "act_id": act_id, "day": day.isoformat()}
            self._journal.append([{**line, "members": [holding.id], "ids": ids}])
            books.consents.cool(list(self._quiet(books, row, holding, consents, day)))
        self._disposal.end_use(books, [holding for holding, _ in reached], now)
        return self._case.note(books, row, [holding.id for holding, _ in reached])

    def _reached(self, books: Books, row: RequestRow) -> list[tuple[HoldingRow, list[ConsentRow]]]:
        """The person's records, and those that rest on consents of theirs, however far down.

        Consents are claimed before it is looked again: what a gate was about to rest on them has committed by then and is
        found, and whatever comes later finds them taken back.
        """
        value = self._case.value_of(row)
        holdings: dict[str, HoldingRow] = {}
        consents: dict[str, ConsentRow] = {}
        while True:
            found = {one.id: one for one in self._case.holdings(books, value, row.site)}
            for holding_id in books.consents.relying_on(list(consents)):
                holding = books.holdings.find(holding_id)
                if holding is not None:
                    found[holding_id] = holding
            if found.keys() <= holdings.keys():
                break
            holdings |= found
            consents |= {one.id: one for one in books.consents.claim(list(holdings))}
        return [
            (holding, [one for one in consents.values() if one.holding_id == holding.id])
            for holding in holdings.values()
        ]

    def _quiet(
        self, books: Books, row: RequestRow, holding: HoldingRow, consents: Iterable[ConsentRow], day: date
    ) -> Iterable[CoolDownRow]:
        """Nobody is asked again for what they have just taken back, by any pass of the record.

        A telephone number that was typed to prove who asks is not kept for that: its token goes with the record.
        """
        pack = self._case.policies.version(books, holding.policy_version)
        policy, profile = pack.categories[holding.category], pack.site.basis_profile
        fields: set[str] = set()
        for one in consents:
            fields |= covered_by(ConsentKind(one.kind), one.covers.split(), policy, profile)
        typed = living_digests(self._case.keyring, self._case.value_of(row))
        leave_out = set(typed) if row.way == "mobile" else set()
        tokens = {token for part in books.holdings.parts(holding.no) for token in part.subject_tokens()}
        until = last_quiet_day(day)
        for epoch, digest in sorted(tokens - leave_out):
            for field in sorted(fields):
                yield CoolDownRow(epoch, digest, holding.category, field, until)
