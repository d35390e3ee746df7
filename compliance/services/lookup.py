"""Finding records by a plate or a telephone number: nobody's history, unless an officer has a case for it.

A guard finds who is here now, and nothing else. The officer finds opaque ids under a purpose and a document number, and
reads each of them as every other record is read. Nobody else finds anything: whoever asks about themselves makes a
request. Every attempt is in the ledger, without the number that was looked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from compliance.domain.errors import ComplianceError, ReadRefused
from compliance.domain.formats import Instruments
from compliance.domain.ledger import Act
from compliance.domain.reading import MOST_LISTED, WhyNot, granted, refused
from compliance.domain.vocabulary import FieldType, Role
from compliance.ports import Books, HoldingRow, Keyring, UnitOfWork
from compliance.services.opening import Around, Opened, Opening
from compliance.services.tokens import living_digests
from compliance.services.traces import Actor, Traces
from compliance.services.written import names_nobody, one_line

LONGEST_DOCUMENT = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One record: its opaque id and its category. What is in it is read by purpose."""

    record: str
    category: str


class Lookup:
    def __init__(
        self, *, books: UnitOfWork, opening: Opening, traces: Traces, keyring: Keyring, tools: Instruments
    ) -> None:
        self._books, self._opening, self._traces = books, opening, traces
        self._keyring, self._tools = keyring, tools

    def find(
        self, kind: FieldType, value: str, *, purpose: str, actor: Actor, document: str = ""
    ) -> list[Found]:
        """The living records of a plate or mobile number that this actor may find, newest first.

        Raises ReadRefused; what was typed is in no message and no entry.
        """
        named = one_line(document, LONGEST_DOCUMENT)
        with self._books.writing() as books:
            why = self._refused(books, kind, purpose, named, actor)
            found = [] if why else self._found(books, kind, value, purpose, actor)
            if why is None and len(found) > MOST_LISTED:
                why = WhyNot.TOO_MANY
            if why is not None:
                self._traces.refused(books, actor, purpose, why)
            else:
                self._enter(books, kind, purpose, actor, named, found)
        if why is not None:
            raise ReadRefused(why)
        return [Found(record=one.holding.id, category=one.holding.category) for one in found]

    def _refused(
        self, books: Books, kind: FieldType, purpose: str, document: str, actor: Actor
    ) -> WhyNot | None:
        if kind not in (FieldType.PLATE, FieldType.MOBILE) or actor.role not in (Role.GUARD, Role.OFFICER):
            return WhyNot.BY_IDENTIFIER
        if actor.role is Role.OFFICER and not (document and names_nobody(document, self._tools.scan)):
            return WhyNot.NO_DOCUMENT
        policies = self._opening.active(books).categories.values()
        asked_by = (rule for policy in policies for rule in granted(policy, purpose, actor.role))
        return None if any(rule.type is kind for rule in asked_by) else WhyNot.NOT_GRANTED

    def _found(self, books: Books, kind: FieldType, value: str, purpose: str, actor: Actor) -> list[Opened]:
        read = self._tools.plate if kind is FieldType.PLATE else self._tools.mobile
        number = read(value.strip()[:64])
        if number is None:
            return []
        digests = living_digests(self._keyring, f"{kind.value}:{number}")
        holdings = [
            row for row in books.holdings.by_tokens(digests) if actor.may_know_of(row.site, row.category)
        ]
        around = self._opening.around(books, holdings)
        opened = [self._open(books, row, around, kind, purpose, actor) for row in reversed(holdings)]
        return [one for one in opened if one is not None]

    def _open(
        self,
        books: Books,
        holding: HoldingRow,
        around: Around,
        kind: FieldType,
        purpose: str,
        actor: Actor,
    ) -> Opened | None:
        """None where this purpose and role may not see the very field that is asked by."""
        _, policy = self._opening.policy_of(books, holding)
        rules = [rule for rule in granted(policy, purpose, actor.role) if rule.type is kind]
        if not rules:
            return None
        try:
            opened = self._opening.open(books, holding, around)
        except ComplianceError:
            return None
        shown = any(rule.name not in opened.withdrawn for rule in rules)
        return opened if shown and refused(rules, actor.role, opened.standing) is None else None

    def _enter(
        self,
        books: Books,
        kind: FieldType,
        purpose: str,
        actor: Actor,
        document: str,
        found: Sequence[Opened],
    ) -> None:
        members = [(one.holding.id, one.parts) for one in found]
        categories = [one.holding.category for one in found]
        facts = (("by", kind.value), ("document", document))
        self._traces.listed(books, Act.LOOKED_UP, actor, purpose, categories, members, facts)
