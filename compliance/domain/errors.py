"""Every error of the project, as one tree. The docstring is the message; a message never holds a value.

ComplianceError
├── PolicyInvalid            the author's fault: a pack that may not be loaded
│   ├── PeriodInvalid
│   └── NoticeIncomplete     a notice would go out without something that the law wants in it
├── CollectionRefused        the caller's: the policy forbids what was sent
├── RecordUnknown            no such record, or not any more
│   └── RecordErased
├── ReadRefused              purpose, role or state does not permit this reading
├── DisclosureRefused        an authority cannot be given this, or not in this way
├── RequestRefused           a step of a subject's request that its state does not allow
├── PublicationRefused       a policy that widens without a second named person, or takes effect in the past
├── AssessmentRefused        an impact assessment that cannot be drafted, approved or deleted this way
│   └── AssessmentMissing    a pack needs an approved one of exactly its scope (PIPL 55) and has none
├── EmergencyRefused         an emergency that cannot be opened, closed or told of this way
├── ReviewRefused            a report that cannot be made, signed or changed this way
├── KeyLost                  the key that would open this part is gone
├── GateClosed               nothing may be written now, and why
├── KeyRaced                 somebody else is writing under this idempotency key at this moment
├── DisposalPaused           nothing may be erased now, and why
├── LedgerError
│   ├── LedgerMalformed · ProofRejected · HeadRejected · JournalMissing
└── ConfigurationInvalid     the operator's: a setting, a mapping, a missing folder
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from compliance.domain.disclosure import Fault
    from compliance.domain.reading import WhyNot
    from compliance.domain.reasons import Reason


class ComplianceError(Exception):
    """The request could not be carried out."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message if message is not None else (self.__doc__ or "").strip())


class PolicyInvalid(ComplianceError):
    """The policy pack has faults and was not loaded."""


class PeriodInvalid(PolicyInvalid):
    """A period is written as P6M, P30D, PT24H, 30d or 24h: calendar units or clock units, not both, and not zero."""


class NoticeIncomplete(PolicyInvalid):
    """The notice lacks an item that it must contain and was not rendered."""


class CollectionRefused(ComplianceError):
    """The policy does not allow this submission."""

    def __init__(self, reasons: tuple[Reason, ...]) -> None:
        self.reasons = reasons
        super().__init__("; ".join(f"{reason.code}:{reason.field or '*'}" for reason in reasons))


class RecordUnknown(ComplianceError):
    """There is no record with this id."""


class RecordErased(RecordUnknown):
    """The record has been erased."""


class ReadRefused(ComplianceError):
    """The policy gives this purpose and role nothing to read here."""

    def __init__(self, why: WhyNot | None = None) -> None:
        self.why = why
        super().__init__(f"{why.say.zh} / {why.say.en}" if why else None)


class DisclosureRefused(ComplianceError):
    """The disclosure cannot be made this way."""

    def __init__(self, faults: tuple[Fault, ...] = ()) -> None:
        self.faults = faults
        super().__init__("\n".join(f"{one.zh}（{one.source}） / {one.en}" for one in faults) or None)


class RequestRefused(ComplianceError):
    """The request does not allow this step now."""


class PublicationRefused(ComplianceError):
    """The policy cannot be published this way."""


class AssessmentRefused(ComplianceError):
    """The impact assessment cannot be drafted, approved or deleted this way."""


class AssessmentMissing(AssessmentRefused):
    """The pack needs an approved impact assessment first (PIPL 55)."""


class EmergencyRefused(ComplianceError):
    """The emergency cannot be opened, closed or told of this way."""


class ReviewRefused(ComplianceError):
    """The report cannot be reviewed this way."""


class SlipsRefused(ComplianceError):
    """There is no such batch of paper slips, or the numbers do not add up."""


class KeyLost(ComplianceError):
    """The key that would open this part is gone."""


class GateClosed(ComplianceError):
    """The gate is closed: nothing can be written now."""


class KeyRaced(ComplianceError):
    """Somebody else is writing under the same idempotency key at this moment: try again."""


class DisposalPaused(ComplianceError):
    """Disposal is paused: nothing is erased until the officer resumes it."""


class LedgerError(ComplianceError):
    """The ledger cannot vouch for this."""


class LedgerMalformed(LedgerError):
    """These bytes are not a canonical ledger entry."""


class ProofRejected(LedgerError):
    """The proof does not lead to the signed root."""


class HeadRejected(LedgerError):
    """The signed head is malformed or its signature does not verify."""


class JournalMissing(LedgerError):
    """The acts journal is missing, though the database has a history: nothing opens without it."""


class ConfigurationInvalid(ComplianceError):
    """A setting is missing or wrong."""
