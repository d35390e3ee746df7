"""The table of states, the closed list of grounds, and a refusal that cannot be made without reasons."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.domain.request import (
    TRANSITIONS,
    Ground,
    Refusal,
    RequestKind,
    RequestState,
    Stated,
    may_move,
)

REACHED_BY = {there for nexts in TRANSITIONS.values() for there in nexts} | {RequestState.RECEIVED}


def _walk(start: RequestState) -> set[RequestState]:
    seen, left = {start}, [start]
    while left:
        fresh = set(TRANSITIONS[left.pop()]) - seen
        seen |= fresh
        left += fresh
    return seen


def test_every_state_has_its_row_and_is_reachable() -> None:
    assert set(TRANSITIONS) == set(RequestState)
    assert _walk(RequestState.RECEIVED) == set(RequestState) == REACHED_BY


@pytest.mark.parametrize("state", RequestState)
def test_every_reachable_state_can_finish(state: RequestState) -> None:
    assert any(there.final for there in _walk(state))


@given(st.lists(st.sampled_from(RequestState), max_size=30))
def test_any_attempted_path_stays_in_the_table_and_can_still_finish(tries: list[RequestState]) -> None:
    here = RequestState.RECEIVED
    for there in tries:
        if may_move(here, there):
            here = there
    assert any(state.final for state in _walk(here))
    assert not here.final or not any(may_move(here, there) for there in RequestState)


def test_the_side_exits_are_final() -> None:
    exits = {"refused", "partial", "withdrawn_by_requester", "transferred", "closed"}
    assert {state.value for state in RequestState if state.final} == exits


def test_nothing_is_executed_before_identity_was_shown() -> None:
    before = {RequestState.RECEIVED, RequestState.VERIFYING, RequestState.NEED_INFO}
    for state in before:
        assert RequestState.EXECUTING not in TRANSITIONS[state]
        assert RequestState.DECIDING not in TRANSITIONS[state]


def test_the_kinds_are_the_rights_of_the_glossary() -> None:
    assert {kind.value for kind in RequestKind} == {
        *("access", "copy", "transfer", "correction", "deletion"),
        *("restriction", "objection", "explanation", "withdrawal"),
    }
    assert all(kind.article.startswith("PIPL") and kind.label.zh and kind.label.en for kind in RequestKind)


def test_the_grounds_are_r1_to_r11_each_with_article_and_sentence() -> None:
    assert [ground.value for ground in Ground] == [f"R{n}" for n in range(1, 12)]
    assert all(ground.article and ground.text.zh and ground.text.en for ground in Ground)


def test_a_refusal_without_reasons_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="at least one"):
        Refusal(reasons=())


@pytest.mark.parametrize("ground", [Ground.STATUTORY_PERIOD, Ground.LEGAL_HOLD])
def test_what_a_statute_or_a_hold_binds_is_restricted_and_never_refused(ground: Ground) -> None:
    with pytest.raises(ValueError, match="restricted"):
        Refusal(reasons=(Stated(ground=ground),))


@pytest.mark.parametrize("ground", [Ground.SECRECY, Ground.LAW_PROVIDES_OTHERWISE, Ground.EXTRA_GROUND])
def test_a_ground_that_points_to_a_law_has_to_name_it(ground: Ground) -> None:
    with pytest.raises(ValueError, match="law_ref"):
        Stated(ground=ground, law_ref=" ")
    assert Stated(ground=ground, law_ref="反恐怖主义法 18").law_ref


def test_a_refusal_is_told_with_article_and_both_languages() -> None:
    (told,) = Refusal(reasons=(Stated(ground=Ground.NOTHING_FOUND),)).as_json()
    assert told["ground"] == "R6"
    assert told["article"] == "PIPL 4(1)"
    assert "没有保存" in told["zh"]
    assert "hold no personal information" in told["en"]


@pytest.mark.parametrize("state", RequestState)
def test_every_state_has_a_word_in_both_languages(state: RequestState) -> None:
    assert state.label.zh
    assert state.label.en
