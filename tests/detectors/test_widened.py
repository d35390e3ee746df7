"""The other side of the benchmark reads disguises as well as an expression can: nothing is compared with a straw man."""

import re

import pytest

from bench.remarks import hidden
from bench.widened import widened
from compliance.detectors import DETECTORS

EXPRESSIONS = {
    one.kind: [re.compile(widened(pattern.pattern)) for pattern in one.patterns] for one in DETECTORS
}


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("mobile", "１９４０００００００１"),
        ("mobile", "一九四零零零零零零零一"),
        ("mobile", "①⑨④、⓪⓪⓪⓪★⓪⓪⓪①"),
        ("resident_id", "壹零零零零零19900101OO11"),
        ("plate", "京Ａ·００\u200b０００"),
    ],
)
def test_a_widened_expression_finds_what_was_written_otherwise(kind: str, text: str) -> None:
    assert any(expression.search(text) for expression in EXPRESSIONS[kind])


def test_most_of_what_is_hidden_is_within_reach_of_the_widened_expressions() -> None:
    remarks = list(hidden(1))[::3]
    found = sum(any(one.search(remark.text) for one in EXPRESSIONS[remark.kind]) for remark in remarks)

    assert found > len(remarks) * 0.8
