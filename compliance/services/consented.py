"""What of a record rests on consent: all that a withdrawal reaches, and nothing else (PIPL 47(1)(3))."""

from __future__ import annotations

from compliance.domain.agreement import consent_classes, covered_by
from compliance.domain.vocabulary import ConsentKind
from compliance.ports import Books, HoldingRow, PolicySource


def classes_on_consent(books: Books, policies: PolicySource, holding: HoldingRow) -> frozenset[int]:
    """The classes of fields of this record that hold something its subject consented to.

    What the gate let into our own store rests on consent only where there is evidence of it. Of a row that was in
    somebody's table before us nobody knows what was agreed to: there the policy tells.
    """
    pack = policies.version(books, holding.policy_version)
    policy, profile = pack.categories[holding.category], pack.site.basis_profile
    fields = fields_consented(books, policies, holding)
    if not fields and holding.ref is not None:
        return consent_classes(policy, profile)
    return frozenset(policy.fields[name].retention_class for name in fields)


def fields_consented(books: Books, policies: PolicySource, holding: HoldingRow) -> frozenset[str]:
    """The fields that the evidence of this record covers, withdrawn or not."""
    pack = policies.version(books, holding.policy_version)
    policy, profile = pack.categories[holding.category], pack.site.basis_profile
    return frozenset(
        name
        for row, _ in books.consents.evidence(holding.id)
        for name in covered_by(ConsentKind(row.kind), row.covers.split(), policy, profile)
    )
