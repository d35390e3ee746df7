"""A certificate holds up by itself, or not at all."""

import json
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from compliance.domain.certificate import Certificate, verify_certificate
from compliance.domain.checkpoint import Head, Verify, sign_head
from compliance.domain.errors import HeadRejected, LedgerError, LedgerMalformed, ProofRejected
from compliance.domain.ledger import Act, Entry, canonical, member_path, members_root
from compliance.domain.merkle import inclusion_path, leaf_hash, root

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw()


def verifying(public: bytes) -> Verify:
    def verify(signature: bytes, message: bytes) -> bool:
        try:
            Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
        except InvalidSignature:
            return False
        return True

    return verify


VERIFY = verifying(PUBLIC)
ORIGIN = "compliance.example/yunshan"
HOLDINGS = [(f"202603-{number:024x}", "all") for number in range(6)]
MINE = HOLDINGS[4]


def batch(act: Act = Act.ERASED) -> Entry:
    return Entry(
        act=act,
        site="main",
        category="visitor",
        day="2026-04-01",
        count=len(HOLDINGS),
        facts=(("article", "PIPL 47(1)(1)"), ("backup_until", "2026-05-01"), ("rule", "visitor 30d")),
        members=members_root(act, HOLDINGS),
    )


def a_certificate(entry: Entry | None = None) -> Certificate:
    entry = entry or batch()
    log = [f"other entry {number}".encode() for number in range(11)]
    log[9] = canonical(entry)
    leaves = [leaf_hash(one) for one in log]
    head = Head(origin=ORIGIN, size=11, root=root(leaves), time=datetime(2026, 4, 1, 1, 0, 7, tzinfo=UTC))
    index, path = member_path(entry.act, HOLDINGS, MINE)
    return Certificate(
        holding=MINE[0],
        parts=MINE[1],
        member_index=index,
        member_path=path,
        entry=canonical(entry),
        entry_index=9,
        entry_path=inclusion_path(leaves, 9),
        head=sign_head(head, KEY.sign, PUBLIC),
    )


DOCUMENT = a_certificate().document()


def test_a_certificate_says_what_was_erased_where_when_and_why() -> None:
    facts = verify_certificate(json.loads(json.dumps(DOCUMENT)), VERIFY, PUBLIC, origin=ORIGIN)

    assert (facts.act, facts.site, facts.category, facts.day) == (Act.ERASED, "main", "visitor", "2026-04-01")
    assert (facts.rule, facts.article, facts.backup_until) == ("visitor 30d", "PIPL 47(1)(1)", "2026-05-01")
    assert (facts.holding, facts.parts) == MINE
    assert (facts.head.size, facts.head.time) == (11, datetime(2026, 4, 1, 1, 0, 7, tzinfo=UTC))


def test_every_single_changed_bit_anywhere_is_noticed() -> None:
    sealed = json.dumps(DOCUMENT, ensure_ascii=False, separators=(",", ":")).encode()
    assert verify_certificate(json.loads(sealed), VERIFY, PUBLIC).holding == MINE[0]
    judged = 0
    for bit in range(len(sealed) * 8):
        changed = bytearray(sealed)
        changed[bit // 8] ^= 1 << bit % 8
        try:
            document = json.loads(changed)
        except ValueError:
            continue
        judged += 1
        with pytest.raises(LedgerError):
            verify_certificate(document, VERIFY, PUBLIC)
    assert judged > 5_000


def changed(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    document = deepcopy(DOCUMENT)
    change(document)
    assert document != DOCUMENT
    return document


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.pop("tombstone"),
        lambda d: d.pop("head"),
        lambda d: d["tombstone"].pop("backup_until"),
        lambda d: d.update(extra=1),
        lambda d: d["member"].update(extra=1),
        lambda d: d.update(format="compliance-deletion-certificate/2"),
        lambda d: d["tombstone"].update(day="2026-03-01"),
        lambda d: d["tombstone"].update(backup_until="2026-04-02"),
        lambda d: d["member"].update(holding=HOLDINGS[0][0]),
        lambda d: d["member"].update(parts="1"),
        lambda d: d["member"].update(index=4.5),
        lambda d: d["member"].update(index=-1),
        lambda d: d["member"]["path"].pop(),
        lambda d: d["member"]["path"].reverse(),
        lambda d: d["entry"]["path"].append("00" * 32),
        lambda d: d["entry"]["path"].extend(["00" * 32] * 60),
        lambda d: d["entry"]["path"].reverse(),
        lambda d: d["entry"].update(index=8),
        lambda d: d["entry"].update(canonical=d["entry"]["canonical"] + "\n"),
        lambda d: d["entry"].update(canonical="é"),
        lambda d: d["entry"].update(path=d["member"]["path"]),
        lambda d: d["entry"]["path"].__setitem__(0, d["entry"]["path"][0] + "\n"),
        lambda d: d.update(head=d["head"] + "— witness.example AAAAAAAA\n"),
        lambda d: d.update(head=None),
    ],
)
def test_a_certificate_with_anything_changed_is_refused(change: Callable[[dict[str, Any]], object]) -> None:
    with pytest.raises(LedgerError):
        verify_certificate(changed(change), VERIFY, PUBLIC)


@pytest.mark.parametrize("document", [{}, [], None, "certificate", {"head": [[[]]]}])
def test_anything_else_is_no_certificate(document: Any) -> None:
    with pytest.raises(LedgerMalformed):
        verify_certificate(document, VERIFY, PUBLIC)


def test_a_certificate_of_another_operator_or_log_is_refused() -> None:
    stranger = Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key().public_bytes_raw()
    with pytest.raises(HeadRejected):
        verify_certificate(DOCUMENT, verifying(stranger), stranger)
    with pytest.raises(HeadRejected):
        verify_certificate(DOCUMENT, VERIFY, PUBLIC, origin="compliance.example/elsewhere")


def test_an_anonymised_holding_is_certified_as_such() -> None:
    document = a_certificate(batch(Act.ANONYMISED)).document()
    assert verify_certificate(document, VERIFY, PUBLIC).act is Act.ANONYMISED


def test_what_is_no_deletion_is_never_certified() -> None:
    with pytest.raises(LedgerMalformed, match="not a deletion"):
        a_certificate(batch(Act.RESTRICTED)).document()


@pytest.mark.parametrize("name", ["rule", "article", "backup_until"])
def test_a_certificate_needs_every_tombstone_fact_in_the_sealed_entry(name: str) -> None:
    facts = dict(batch().facts)
    for value in (None, "", 7):
        told = {**facts, name: value} if value is not None else {k: v for k, v in facts.items() if k != name}
        with pytest.raises(LedgerMalformed, match=name):
            a_certificate(replace(batch(), facts=tuple(told.items()))).document()


def test_the_last_day_of_the_backups_is_a_date() -> None:
    facts = {**dict(batch().facts), "backup_until": "soon"}
    with pytest.raises(LedgerMalformed, match="backup_until"):
        a_certificate(replace(batch(), facts=tuple(facts.items()))).document()


def test_an_entry_without_members_certifies_nobody() -> None:
    document = a_certificate(replace(batch(), members=None)).document()
    with pytest.raises(ProofRejected, match="no members"):
        verify_certificate(document, VERIFY, PUBLIC)


def test_an_error_carries_no_value_of_the_document() -> None:
    canary = "canary-42"
    with pytest.raises(LedgerMalformed) as caught:
        verify_certificate(
            changed(lambda d: d["member"].update({canary: canary, "index": canary})), VERIFY, PUBLIC
        )
    assert canary not in str(caught.value)
    assert caught.value.__cause__ is None
