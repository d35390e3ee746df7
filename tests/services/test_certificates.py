"""Certificates of deletion from a real ledger: each holds by itself, and there is none for what was not deleted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from compliance.bootstrap import SCRATCH, Engine, bootstrap
from compliance.config import Settings
from compliance.domain.certificate import CertificateFacts, verify_certificate
from compliance.domain.errors import ProofRejected
from compliance.policies.loader import load, read_files, shipped
from compliance.ports import Receipt
from tests.builders import MovedClock

SUBMISSION: dict[str, Any] = {
    "category": "visitor",
    "channel": "desk",
    "fields": {"visitor_name": "李女士", "host_room": "3-1-1201", "visit_purpose": "探亲访友"},
    "notice": {"mode": "oral", "by": "staff-7"},
    "consent": [{"kind": "plain", "by": "self", "act": "spoken"}],
}


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock(datetime(2026, 11, 2, 2, 0, tzinfo=UTC))


@pytest.fixture
def engine(tmp_path: Path, clock: MovedClock) -> Iterator[Engine]:
    with bootstrap(Settings(home=tmp_path), kind=SCRATCH, clock=clock) as engine:
        folder = shipped("residential")
        engine.publishing.publish(load(folder), read_files(folder), "staff-1")
        yield engine


def written(engine: Engine, count: int) -> list[Receipt]:
    return [engine.gate.write(SUBMISSION) for _ in range(count)]


def facts(engine: Engine, document: dict[str, Any]) -> CertificateFacts:
    return verify_certificate(
        document, engine.signer.verify, engine.signer.public_key, origin=engine.settings.origin
    )


def test_a_record_that_lives_has_no_certificate(engine: Engine) -> None:
    (receipt,) = written(engine, 1)

    assert engine.certificates.of_record(receipt.record) == []
    assert engine.certificates.of_record("2611-nobody") == []
    assert engine.certificates.of_acts(["no such act"]) == []


def test_each_record_of_a_sweep_has_one_that_holds(engine: Engine, clock: MovedClock) -> None:
    receipts = written(engine, 7)
    clock.at += timedelta(days=60)
    swept = engine.retention.sweep()

    for receipt in receipts:
        (document,) = engine.certificates.of_record(receipt.record)
        proven = facts(engine, document)
        assert proven.holding == receipt.record
        assert proven.category == "visitor"
        assert proven.article.startswith("PIPL 47")
    by_act = engine.certificates.of_acts(swept.disposed.act_ids)
    assert {facts(engine, one).holding for one in by_act} == {receipt.record for receipt in receipts}


def test_a_certificate_says_nothing_that_was_in_the_record(engine: Engine, clock: MovedClock) -> None:
    (receipt,) = written(engine, 1)
    clock.at += timedelta(days=60)
    engine.retention.sweep()

    (document,) = engine.certificates.of_record(receipt.record)

    assert all(value not in str(document) for value in SUBMISSION["fields"].values())
    assert receipt.pass_code not in str(document)


def test_one_record_cannot_borrow_the_certificate_of_another(engine: Engine, clock: MovedClock) -> None:
    first, second = written(engine, 2)
    clock.at += timedelta(days=60)
    engine.retention.sweep()
    (document,) = engine.certificates.of_record(first.record)

    document["member"]["holding"] = second.record

    with pytest.raises(ProofRejected):
        facts(engine, document)


def test_a_certificate_still_holds_when_the_ledger_has_grown(engine: Engine, clock: MovedClock) -> None:
    (receipt,) = written(engine, 1)
    clock.at += timedelta(days=60)
    engine.retention.sweep()
    (early,) = engine.certificates.of_record(receipt.record)
    written(engine, 300)

    (late,) = engine.certificates.of_record(receipt.record)

    assert facts(engine, early).head.size < facts(engine, late).head.size
    assert facts(engine, early).holding == facts(engine, late).holding == receipt.record
