"""PIPL 14: consent is a voluntary and explicit act of a person who knows what it is to."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from compliance.bootstrap import Engine
from compliance.domain.errors import CollectionRefused
from tests.builders import a_submission, an_engine, codes, published, sql, verdict

TAP = {"kind": "plain", "by": "self", "act": "tap"}


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    with an_engine(tmp_path) as engine:
        yield engine


class TestParagraph1:
    def test_a_poster_is_notice_and_not_consent(self) -> None:
        raw = a_submission(notice={"mode": "posted"}, consent=[{**TAP, "act": "sign"}])

        assert "no_consent" in codes(verdict(raw))

    def test_a_machine_that_ticks_for_people_is_refused(self) -> None:
        raw = a_submission(category="vehicle", channel="lpr", notice={"mode": "posted"}, consent=[TAP])

        assert codes(verdict(raw | {"fields": {"plate_no": "京A00000"}})) == {"no_consent"}

    def test_a_consent_is_kept_as_evidence_of_who_how_and_to_what(self, engine: Engine) -> None:
        shown = engine.notice_ids.issue("visitor", 1)
        engine.gate.write(
            a_submission(channel="kiosk", notice={"mode": "screen", "id": shown}, consent=[TAP])
        )

        ((kind, by, act, notice, channel, version, day),) = sql(
            engine, 'SELECT kind, "by", act, notice, channel, policy_version, day FROM consent'
        )
        assert (kind, by, act, channel, version, day) == ("plain", "self", "tap", "kiosk", 1, "2026-03-02")
        assert notice.startswith("screen:")
        assert shown not in notice

    def test_what_was_read_out_names_who_read_it(self, engine: Engine) -> None:
        engine.gate.write(a_submission())

        assert sql(engine, "SELECT notice FROM consent") == [("oral:staff-7",)]


class TestParagraph2:
    """变更的，应当重新取得个人同意: where purpose, method or kind changes, people are asked again. 网数条例 22 adds the period."""

    def told(self, engine: Engine, was: str, now: str, **fields: object) -> set[str]:
        """What becomes of a notice that was shown before one thing in the visitors' policy was put another way."""
        from compliance.policies.loader import read_files, shipped

        shown = engine.notice_ids.issue("visitor", 1)
        raw = a_submission(
            channel="kiosk", notice={"mode": "screen", "id": shown}, consent=[TAP], fields=fields
        )
        text = read_files(shipped("residential"))["visitor.yaml"]
        assert was in text
        published(engine, **{"visitor.yaml": text.replace(was, now)})
        try:
            engine.gate.write(raw)
        except CollectionRefused as refused:
            return codes(refused.reasons)
        return set()

    def test_a_longer_period_is_asked_for_anew(self, engine: Engine) -> None:
        assert self.told(engine, "keep: 30d", "keep: 31d") == {"reconsent_required"}

    def test_a_shorter_one_is_not(self, engine: Engine) -> None:
        assert self.told(engine, "keep: 30d", "keep: 29d") == set()

    def test_a_field_that_takes_more_is_asked_for_anew(self, engine: Engine) -> None:
        told = self.told(engine, "most: 50", "most: 60", party_size=2)

        assert told == {"reconsent_required:party_size"}

    def test_but_not_of_whoever_leaves_it_out(self, engine: Engine) -> None:
        assert self.told(engine, "most: 50", "most: 60") == set()

    def test_a_field_that_takes_less_is_not(self, engine: Engine) -> None:
        assert self.told(engine, "most: 50", "most: 40", party_size=2) == set()

    def test_another_purpose_is_asked_for_anew(self, engine: Engine) -> None:
        assert self.told(engine, "purpose: entry_security", "purpose: emergency_rollcall") == {
            "reconsent_required"
        }
