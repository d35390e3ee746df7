"""What the use cases need from outside, as protocols only: adapters implement them, `bootstrap` chooses.

*Stores* hold content (other people's logs, and our vault); *books* hold the duty (our own database). A store port is
split by right: the gate is given `Writes`, the disposal `Erases`, reading `Reads`, and nobody else any of them.
"""

from compliance.ports.adoption import Adoptable, ExistingRow, Refs, ScannedColumn, ScanReport
from compliance.ports.books import Books, UnitOfWork
from compliance.ports.consents import Consents, CoolDownRow, RelianceRow
from compliance.ports.disclosures import DisclosureBook, DisclosureRow
from compliance.ports.doors import (
    Admit,
    Caller,
    Dispose,
    Disposed,
    Outcome,
    PolicySource,
    Receipt,
    Repeat,
    Sweep,
)
from compliance.ports.emergencies import Emergencies, EmergencyRow, PartClass
from compliance.ports.people import ApiKeyRow, People, StaffRow
from compliance.ports.policies import Assessed, AssessmentRow, DraftRow, PolicyBook, VersionRow
from compliance.ports.reports import BoundRow, FindingRow, ReportBook, RequestCount, ReviewRow, TallyCell
from compliance.ports.requests import (
    Outbox,
    OutboxBook,
    OutboxRow,
    PackageRow,
    RequestBook,
    RequestRow,
    RequestStepRow,
    Transport,
)
from compliance.ports.rows import (
    ConsentRow,
    DetectionRow,
    DuePart,
    Expectation,
    HeadRow,
    HoldingRow,
    HoldRow,
    PartRow,
    PendingEntry,
    RefusalRow,
    TokenRow,
    TombstoneRow,
)
from compliance.ports.shelves import Counts, Holdings, Holds, LedgerBook, Marks, Packs, Switches
from compliance.ports.stores import Capabilities, Erases, PartRef, Reads, StoredPart, Writes
from compliance.ports.surroundings import Clock, Ids, Journal, Keyring, Mac, Seal, Signer

__all__ = [
    "Admit",
    "Adoptable",
    "ApiKeyRow",
    "Assessed",
    "AssessmentRow",
    "Books",
    "BoundRow",
    "Caller",
    "Capabilities",
    "Clock",
    "ConsentRow",
    "Consents",
    "CoolDownRow",
    "Counts",
    "DetectionRow",
    "DisclosureBook",
    "DisclosureRow",
    "Dispose",
    "Disposed",
    "DraftRow",
    "DuePart",
    "Emergencies",
    "EmergencyRow",
    "Erases",
    "ExistingRow",
    "Expectation",
    "FindingRow",
    "HeadRow",
    "HoldRow",
    "HoldingRow",
    "Holdings",
    "Holds",
    "Ids",
    "Journal",
    "Keyring",
    "LedgerBook",
    "Mac",
    "Marks",
    "Outbox",
    "OutboxBook",
    "OutboxRow",
    "Outcome",
    "PackageRow",
    "Packs",
    "PartClass",
    "PartRef",
    "PartRow",
    "PendingEntry",
    "People",
    "PolicyBook",
    "PolicySource",
    "Reads",
    "Receipt",
    "Refs",
    "RefusalRow",
    "RelianceRow",
    "Repeat",
    "ReportBook",
    "RequestBook",
    "RequestCount",
    "RequestRow",
    "RequestStepRow",
    "ReviewRow",
    "ScanReport",
    "ScannedColumn",
    "Seal",
    "Signer",
    "StaffRow",
    "StoredPart",
    "Sweep",
    "Switches",
    "TallyCell",
    "TokenRow",
    "TombstoneRow",
    "Transport",
    "UnitOfWork",
    "VersionRow",
    "Writes",
]
