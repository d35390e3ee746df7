"""An impact assessment is drafted, approved, sealed and kept; without it what is sensitive is not published."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from compliance.bootstrap import DEMO, REAL, SCRATCH, Engine
from compliance.domain.assessment import AssessmentState, scope_hash
from compliance.domain.errors import AssessmentMissing, AssessmentRefused
from compliance.domain.ledger import Act, parse
from compliance.domain.policy import Pack
from compliance.policies.loader import load, load_text, read_files, shipped
from compliance.services.assessments import digest
from tests.builders import JUDGED, MovedClock, a_pack, an_engine, assessed, connection

FILES = read_files(shipped("residential"))
PLAIN = {name: text for name, text in FILES.items() if name in ("site.yaml", "delivery.yaml")}


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
def engine(tmp_path: Path, clock: MovedClock) -> Iterator[Engine]:
    with an_engine(tmp_path / "home", clock, kind=REAL, publish=False) as engine:
        yield engine


def acts(engine: Engine, act: Act) -> list[dict[str, str | int]]:
    engine.sealing.seal()
    with engine.books.reading() as books:
        entries = [parse(canonical) for _, _, canonical in books.ledger.entries()]
    return [dict(entry.facts) for entry in entries if entry.act is act]


def longer() -> tuple[Pack, dict[str, str]]:
    """The shipped pack with plates kept a day longer."""
    text = FILES["vehicle.yaml"].replace("keep: 30d", "keep: 31d")
    assert text != FILES["vehicle.yaml"]
    files = {**FILES, "vehicle.yaml": text}
    return load_text(files, version=1), files


class TestPublishing:
    def test_what_is_sensitive_is_not_published_without_one(self, engine: Engine) -> None:
        with pytest.raises(AssessmentMissing, match=r"影响评估.*compliance policy assess"):
            engine.publishing.publish(a_pack(), FILES, "staff-1")
        with engine.books.reading() as books:
            assert books.packs.latest_digest() is None

    def test_a_draft_is_not_enough(self, engine: Engine) -> None:
        engine.assessments.draft(a_pack(), "officer-1", JUDGED)

        with pytest.raises(AssessmentMissing):
            engine.publishing.publish(a_pack(), FILES, "staff-1")

    def test_with_an_approved_one_it_is_and_the_entry_names_it(self, engine: Engine) -> None:
        number = assessed(engine, a_pack())

        assert engine.publishing.publish(a_pack(), FILES, "staff-1") == 1
        assert acts(engine, Act.POLICY_PUBLISHED)[0]["assessment"] == number

    def test_an_assessment_of_another_scope_is_none(self, engine: Engine) -> None:
        assessed(engine, a_pack())
        engine.publishing.publish(a_pack(), FILES, "staff-1")
        pack, files = longer()

        with pytest.raises(AssessmentMissing):
            engine.publishing.publish(pack, files, "staff-1", second="staff-2")
        assessed(engine, pack)
        assert engine.publishing.publish(pack, files, "staff-1", second="staff-2") == 2

    def test_a_change_of_words_needs_no_new_one(self, engine: Engine) -> None:
        assessed(engine, a_pack())
        engine.publishing.publish(a_pack(), FILES, "staff-1")
        files = {**FILES, "vehicle.yaml": FILES["vehicle.yaml"] + "# another remark\n"}

        assert engine.publishing.publish(load_text(files, version=1), files, "staff-1", second="staff-2") == 2

    def test_what_is_not_sensitive_needs_none(self, engine: Engine) -> None:
        assert engine.publishing.publish(load_text(PLAIN, version=1), PLAIN, "staff-1") == 1

    @pytest.mark.parametrize(("kind", "bound"), [(SCRATCH, False), (DEMO, True)])
    def test_only_a_scratch_home_goes_without(self, tmp_path: Path, kind: str, bound: bool) -> None:
        with an_engine(tmp_path / kind, kind=kind, publish=False) as engine:
            if bound:
                with pytest.raises(AssessmentMissing):
                    engine.publishing.publish(a_pack(), FILES, "staff-1")
            else:
                assert engine.publishing.publish(a_pack(), FILES, "staff-1") == 1


class TestDrafting:
    def test_the_document_has_what_the_policy_says(self, engine: Engine) -> None:
        one = engine.assessments.draft(a_pack(), "officer-1")

        assert one.state is AssessmentState.DRAFT
        assert one.scope_hash == scope_hash(a_pack())
        assert one.unsaid == ("lawfulness", "effect", "measures", "opinion")
        assert {line.part for line in one.statements} == {"lawfulness", "effect", "measures"}

    def test_words_are_added_one_by_one_to_the_same_draft(self, engine: Engine) -> None:
        first = engine.assessments.draft(a_pack(), "officer-1", {"effect": JUDGED["effect"]})
        then = engine.assessments.draft(a_pack(), "officer-1", {"measures": JUDGED["measures"]})

        assert (then.id, then.effect, then.unsaid) == (first.id, JUDGED["effect"], ("lawfulness", "opinion"))
        assert [one.id for one in engine.assessments.every()] == [first.id]

    @pytest.mark.parametrize("word", ["身份证 100000199001010011 已核", "x" * 2001])
    def test_words_that_name_a_number_or_never_end_are_refused(self, engine: Engine, word: str) -> None:
        with pytest.raises(AssessmentRefused, match="effect"):
            engine.assessments.draft(a_pack(), "officer-1", {"effect": word})
        assert engine.assessments.every() == []

    def test_a_part_that_no_assessment_has_is_refused(self, engine: Engine) -> None:
        with pytest.raises(AssessmentRefused, match="costs"):
            engine.assessments.draft(a_pack(), "officer-1", {"costs": "很贵，但是值得，真的"})

    def test_there_is_nothing_to_assess_where_nothing_is_sensitive(self, engine: Engine) -> None:
        with pytest.raises(AssessmentRefused, match="不涉及"):
            engine.assessments.draft(load_text(PLAIN, version=1), "officer-1")


class TestApproving:
    @pytest.mark.parametrize("part", JUDGED)
    def test_every_part_has_to_be_said(self, engine: Engine, part: str) -> None:
        drafted = engine.assessments.draft(a_pack(), "officer-1", {**JUDGED, part: "   "})

        with pytest.raises(AssessmentRefused, match=part):
            engine.assessments.approve(drafted.id, "director-1")

    def test_it_is_sealed_with_its_digest(self, engine: Engine) -> None:
        number = assessed(engine, a_pack())

        (entry,) = acts(engine, Act.ASSESSED)
        kept = engine.assessments.show(number)
        assert entry == {
            "assessment": number,
            "scope": scope_hash(a_pack()),
            "digest": digest(kept),
            "by": "director-1",
        }
        assert kept.act_id

    def test_it_is_never_changed_again(self, engine: Engine) -> None:
        number = assessed(engine, a_pack())

        with pytest.raises(AssessmentRefused, match="已经批准"):
            engine.assessments.approve(number, "director-1")
        again = engine.assessments.draft(a_pack(), "officer-1", {"effect": "重新评估的影响，写得足够长"})
        assert again.id != number
        assert engine.assessments.show(number).effect == JUDGED["effect"]
        assert engine.assessments.of(a_pack()).id == number  # type: ignore[union-attr]

    def test_an_unknown_one_is_refused(self, engine: Engine) -> None:
        with pytest.raises(AssessmentRefused, match="没有这份评估"):
            engine.assessments.approve("nothing", "director-1")

    def test_it_is_looked_at_again_after_a_year(self, engine: Engine) -> None:
        kept = engine.assessments.show(assessed(engine, a_pack()))

        # Day one is not counted, and the last day is over at midnight (民法典 201–203): the first free day follows.
        assert (kept.approved_on, kept.review_on, kept.keep_until) == (
            "2026-03-02",
            "2027-03-03",
            "2029-03-03",
        )


class TestKeeping:
    def test_it_cannot_be_deleted_on_the_last_day_of_its_three_years(
        self, engine: Engine, clock: MovedClock
    ) -> None:
        number = assessed(engine, a_pack())

        clock.forward(days=3 * 365)  # 2029-03-01
        with pytest.raises(AssessmentRefused, match="三年，2029-03-03前不能删除"):
            engine.assessments.delete(number)
        clock.forward(days=1)  # 2029-03-02, the corresponding day
        with pytest.raises(AssessmentRefused):
            engine.assessments.delete(number)
        assert engine.assessments.show(number).id == number
        clock.forward(days=1)
        engine.assessments.delete(number)
        assert engine.assessments.every() == []

    def test_a_draft_may_go_at_any_time(self, engine: Engine) -> None:
        engine.assessments.delete(engine.assessments.draft(a_pack(), "officer-1").id)

        assert engine.assessments.every() == []

    def test_an_alteration_behind_our_back_shows(self, engine: Engine) -> None:
        from sqlalchemy import text

        number = assessed(engine, a_pack())
        with engine.books.writing() as books:
            was = json.loads(books.policies.assessment(number).document)  # type: ignore[union-attr]
            forged = json.dumps({**was, "effect": "没有任何影响，完全没有任何影响"})
            statement = text("UPDATE assessment SET document = :forged")
            connection(books).execute(statement, {"forged": forged})

        (entry,) = acts(engine, Act.ASSESSED)
        assert digest(engine.assessments.show(number)) != entry["digest"]


def test_the_shipped_pack_as_a_folder_is_what_is_assessed() -> None:
    assert scope_hash(load(shipped("residential"))) == scope_hash(a_pack())
