"""The benchmarks measure what they say: a small run of each group, on SQLite."""

from pathlib import Path

from bench.figures import Figure
from bench.groups import disposal, gate
from bench.home import PACK, homes
from bench.soak import soak
from compliance.policies import commands


def test_the_pack_of_the_benchmarks_is_clean_and_its_case_passes() -> None:
    assert commands.check(PACK) == ()
    assert [outcome.passed for outcome in commands.test(PACK)] == [True]


FIGURES = {
    "gate_write",
    "gate_write_with_keys",
    "gate_write_own_keys",
    "gate_single",
    "ndjson_over_http",
    "verdict_against_pydantic",
    "sweep",
    "soak_last_tenth",
}


def test_every_group_keeps_and_erases_all_that_it_sends() -> None:
    with homes() as pair:
        figures = [figure for group in (gate, disposal, soak) for figure in group(pair, "sqlite", 1, 60)]

    assert {figure.name for figure in figures} == FIGURES
    assert all(figure.ratio > 0 for figure in figures)


def test_a_figure_says_its_median_its_runs_and_no_goal_where_there_is_none() -> None:
    figure = Figure(name="gate_write", database="sqlite", ratios=(0.1, 0.3, 0.2), rows_a_second=5000)

    assert figure.as_json() == {
        "figure": "gate_write",
        "ratio": 0.2,
        "goal": None,
        "runs": 3,
        "database": "sqlite",
    }


def test_the_figures_of_the_page_are_those_that_are_printed() -> None:
    page = (Path(__file__).parents[2] / "bench" / "README.md").read_text(encoding="utf-8")

    assert all(f"`{name}`" in page for name in FIGURES)
