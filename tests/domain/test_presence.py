"""Who is here: came, has not left, and is not presumed to have left."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.domain.presence import due_while_inside, entry_of, exit_of, is_current, is_inside, pass_end_of
from tests.builders import SHANGHAI, a_pack

NOW = datetime(2026, 3, 2, 10, tzinfo=SHANGHAI)
HOUR = timedelta(hours=1)
Facts = Mapping[str, datetime]


def inside(category: str, facts: Facts, now: datetime = NOW) -> bool:
    return is_inside(a_pack().categories[category], facts, SHANGHAI, now)


def current(category: str, facts: Facts, now: datetime = NOW) -> bool:
    return is_current(a_pack().categories[category], facts, SHANGHAI, now)


@pytest.mark.parametrize(
    ("facts", "is_in"),
    [
        ({}, False),
        ({"entry_time": NOW}, True),
        ({"entry_time": NOW + HOUR}, False),
        ({"entry_time": NOW - HOUR, "exit_time": NOW}, False),
        ({"entry_time": NOW - HOUR, "exit_time": NOW + HOUR}, True),
        ({"entry_time": NOW - 24 * HOUR + timedelta(seconds=1)}, True),
        ({"entry_time": NOW - 24 * HOUR}, False),
    ],
    ids=["no time", "just came", "not yet", "left now", "leaves later", "a day less a second", "a day ago"],
)
def test_a_visitor_is_inside_until_they_leave_or_are_presumed_to_have_left(facts: Facts, is_in: bool) -> None:
    assert inside("visitor", facts) is is_in


def test_a_worker_with_a_pass_for_months_is_inside_only_on_the_day_they_came() -> None:
    facts = {"entry_time": NOW - 30 * HOUR, "pass_end": NOW + 60 * 24 * HOUR}

    assert not inside("service", facts)
    assert current("service", facts)


def test_a_guest_who_stays_is_inside_until_the_stay_ends() -> None:
    facts = {"stay_from": NOW - 100 * HOUR, "stay_to": NOW + HOUR}

    assert inside("short_stay_guest", facts)
    assert not inside("short_stay_guest", {**facts, "stay_to": NOW})


@pytest.mark.parametrize("category", ["goods_release", "resident_access"])
def test_an_event_is_no_stay(category: str) -> None:
    entry = entry_of(a_pack().categories[category])

    assert entry is not None
    assert not inside(category, {entry.name: NOW - HOUR})


def test_a_record_without_any_time_is_current_as_long_as_it_is_kept() -> None:
    assert current("visitor", {})


def test_a_visit_that_is_over_is_history() -> None:
    assert not current("visitor", {"entry_time": NOW - 2 * HOUR, "exit_time": NOW - HOUR})
    assert not current("visitor", {"entry_time": NOW - 25 * HOUR})


@given(
    category=st.sampled_from(sorted(a_pack().categories)),
    hours=st.dictionaries(st.integers(0, 3), st.integers(-100, 100), max_size=4),
    at=st.integers(-200, 200),
)
def test_whoever_is_inside_has_a_visit_that_runs(category: str, hours: dict[int, int], at: int) -> None:
    policy = a_pack().categories[category]
    rules = [entry_of(policy), exit_of(policy), pass_end_of(policy)]
    facts = {
        rule.name: NOW.astimezone(UTC) + hours[place] * HOUR
        for place, rule in enumerate(rules)
        if rule is not None and place in hours
    }
    now = NOW + at * HOUR

    if inside(category, facts, now):
        assert current(category, facts, now)


@given(
    category=st.sampled_from(sorted(a_pack().categories)),
    hours=st.dictionaries(st.integers(0, 2), st.integers(-100, 2000), max_size=3),
)
def test_the_record_of_whoever_is_inside_falls_due_where_the_roll_call_looks(
    category: str, hours: dict[int, int]
) -> None:
    policy = a_pack().categories[category]
    rules = [entry_of(policy), exit_of(policy), pass_end_of(policy)]
    facts = {
        rule.name: NOW + hours[place] * HOUR
        for place, rule in enumerate(rules)
        if rule is not None
        and place in hours
        and not (place == 1 and hours[place] > 0)  # nobody leaves ahead
    }
    if not inside(category, facts):
        return
    entry = entry_of(policy)
    assert entry is not None
    started = {**facts, "collected_at": facts[entry.name]}
    due = policy.retentions[entry.retention_class].due(started, SHANGHAI)
    assert due is not None

    ((first, last),) = due_while_inside(policy, NOW, SHANGHAI)

    assert first - 24 * HOUR <= due.erase_at <= last
