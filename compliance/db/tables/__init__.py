"""Our own books. They hold the duty, never the content: ids, dates, counts, keyed tokens and sealed bytes.

Moments are whole epoch seconds (UTC); days are ISO dates in the site's timezone. Every table says what lives in it and
when a row goes.
"""

from compliance.db.tables.consents import cool_down, reliance, withdrawal
from compliance.db.tables.disclosures import disclosure
from compliance.db.tables.duties import (
    consent,
    detection,
    expectation,
    forecast,
    hold,
    holding,
    mark,
    part,
    policy_version,
    refusal,
    tally,
    token,
    vault,
)
from compliance.db.tables.emergencies import emergency
from compliance.db.tables.ledger import ledger_entry, ledger_head, ledger_pending, ledger_tile, tombstone
from compliance.db.tables.people import api_key, staff, switch
from compliance.db.tables.policies import assessment, policy_draft
from compliance.db.tables.reports import finding, review
from compliance.db.tables.requests import outbox, package, request, request_code, request_step
from compliance.db.tables.schema import holding_block, metadata

__all__ = [
    "api_key",
    "assessment",
    "consent",
    "cool_down",
    "detection",
    "disclosure",
    "emergency",
    "expectation",
    "finding",
    "forecast",
    "hold",
    "holding",
    "holding_block",
    "ledger_entry",
    "ledger_head",
    "ledger_pending",
    "ledger_tile",
    "mark",
    "metadata",
    "outbox",
    "package",
    "part",
    "policy_draft",
    "policy_version",
    "refusal",
    "reliance",
    "request",
    "request_code",
    "request_step",
    "review",
    "staff",
    "switch",
    "tally",
    "token",
    "tombstone",
    "vault",
    "withdrawal",
]
