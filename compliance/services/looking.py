"""Every way to look into the register, over the same traces: reading, looking up, the roll-call, giving to an authority."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Self

from compliance.domain.formats import Instruments
from compliance.ports import Clock, Ids, Journal, Keyring, Outbox, PolicySource, Reads, UnitOfWork
from compliance.services.disclosing import Disclosures, Packaging
from compliance.services.disclosure_rows import Article
from compliance.services.holds import Holds
from compliance.services.lookup import Lookup
from compliance.services.matching import Matching
from compliance.services.opening import Opening
from compliance.services.reading import RecordReader
from compliance.services.roster import RosterCall
from compliance.services.scrutiny import Scrutiny
from compliance.services.sealing import Sealing
from compliance.services.traces import Traces


@dataclass(frozen=True, slots=True, kw_only=True)
class Looking:
    reader: RecordReader
    lookup: Lookup
    roster: RosterCall
    disclosures: Disclosures

    @classmethod
    def over(
        cls,
        *,
        books: UnitOfWork,
        policies: PolicySource,
        clock: Clock,
        sealing: Sealing,
        reads: Mapping[str, Reads],
        keyring: Keyring,
        outbox: Outbox,
        journal: Journal,
        tools: Instruments,
        ids: Ids,
        holds: Holds,
        law: Callable[[str, date], Article],
        packaging: Packaging,
    ) -> Self:
        opening = Opening(policies=policies, reads=reads, keyring=keyring, clock=clock)
        traces = Traces(policies=policies, clock=clock, sealing=sealing)
        return cls(
            reader=RecordReader(books=books, opening=opening, traces=traces),
            lookup=Lookup(books=books, opening=opening, traces=traces, keyring=keyring, tools=tools),
            roster=RosterCall(
                books=books, policies=policies, opening=opening, traces=traces, outbox=outbox, tools=tools
            ),
            disclosures=Disclosures(
                books=books,
                policies=policies,
                clock=clock,
                ids=ids,
                scrutiny=Scrutiny(matching=Matching(opening=opening), tools=tools, law=law),
                traces=traces,
                holds=holds,
                outbox=outbox,
                journal=journal,
                packaging=packaging,
            ),
        )
