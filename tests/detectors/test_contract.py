"""What every detector owes, run over the list: a new one is tested unasked."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.remarks import clean, hidden
from compliance.detectors import DETECTORS, scan
from compliance.detectors.finding import Detector, Finding
from compliance.detectors.normalise import DIGITS, bare
from compliance.detectors.readings import views
from compliance.detectors.together import forms, words

EXAMPLES = [
    pytest.param(detector, text, id=f"{detector.kind}-{text}")
    for detector in DETECTORS
    for text in detector.examples
]
NEAR_MISSES = [
    pytest.param(detector, text, id=f"{detector.kind}-{text}")
    for detector in DETECTORS
    for text in detector.near_misses
]
FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")


def of_kind(detector: Detector, findings: tuple[Finding, ...]) -> list[Finding]:
    return [finding for finding in findings if finding.kind == detector.kind]


def test_kinds_are_unique_and_every_detector_has_examples_and_near_misses() -> None:
    kinds = [detector.kind for detector in DETECTORS]
    assert len(set(kinds)) == len(kinds)
    assert all(detector.examples and detector.near_misses and detector.patterns for detector in DETECTORS)


@pytest.mark.parametrize(("detector", "text"), EXAMPLES)
class TestAnExample:
    def test_is_found_alone_and_between_han_characters(self, detector: Detector, text: str) -> None:
        for before, after in (("", ""), ("访客", "已登记"), ("电梯口，", "。"), ("\n", "\n")):
            found = of_kind(detector, scan(before + text + after))
            assert len(found) == 1
            assert len(before) <= found[0].start < found[0].end <= len(before + text)

    def test_is_found_in_full_width_digits(self, detector: Detector, text: str) -> None:
        assert of_kind(detector, scan(f"访客{text.translate(FULL_WIDTH)}已登记"))

    def test_is_found_with_a_character_of_no_width_behind_each_of_its_own(
        self, detector: Detector, text: str
    ) -> None:
        torn = "\u200b".join(text)
        found = of_kind(detector, scan(f"访客{torn}已登记"))
        assert len(found) == 1
        assert found[0].end <= 2 + len(torn)

    def test_is_found_once_when_scanned_twice_over(self, detector: Detector, text: str) -> None:
        assert scan(text) == scan(text)


@pytest.mark.parametrize(("detector", "text"), NEAR_MISSES)
def test_a_near_miss_is_never_certain(detector: Detector, text: str) -> None:
    for around in (text, f"访客{text}已登记", f"访客{text.translate(FULL_WIDTH)}已登记"):
        assert not [finding for finding in of_kind(detector, scan(around)) if finding.certainty == "certain"]


def test_whatever_a_detector_finds_in_a_reading_its_form_or_its_core_stands_there() -> None:
    needed = {
        detector.kind: forms(detector.form) if detector.form else words(detector.core)
        for detector in DETECTORS
    }
    texts = [text for detector in DETECTORS for text in (*detector.examples, *detector.near_misses)]
    texts += [one.text for one in (*hidden(1, seed=12), *clean(500, seed=12))]
    for view in (view for text in texts for view in views(text)):
        for detector in DETECTORS:
            if any(certainty for certainty, *_ in detector.find(view)):
                read = view.text if detector.form else bare(view.text)
                assert sum(map(view.text.count, DIGITS)) >= detector.digits, (detector.kind, view.text)
                assert needed[detector.kind].search(read), (detector.kind, view.text)


@pytest.mark.parametrize("detector", DETECTORS, ids=lambda detector: str(detector.kind))
def test_a_detector_says_by_its_form_or_by_its_core_where_it_is_worth_asking(detector: Detector) -> None:
    assert bool(detector.form) is not bool(detector.core)


@settings(max_examples=300, deadline=None)
@given(
    st.text(alphabet=st.characters(codec=None))
    | st.text(alphabet="0123456789 -.京A·使挂Xx@微信QQ一二零〇OlI\u200b\ud800\x00①", max_size=80)
)
def test_no_text_raises_and_findings_are_ordered_disjoint_and_inside_it(text: str) -> None:
    position = 0
    for finding in scan(text):
        assert position <= finding.start < finding.end <= len(text)
        position = finding.end


@pytest.mark.parametrize("odd", ["\ud800", "\x00", "\U0001f6b6", "\U0010ffff", "\u0336"])
def test_an_odd_character_beside_an_identifier_neither_raises_nor_hides_it(odd: str) -> None:
    found = scan(f"{odd}19400000001{odd}")
    assert [finding.kind for finding in found] == ["mobile"]
    assert scan(odd) == ()


def test_half_a_megabyte_of_remarks_is_scanned_in_a_few_seconds_of_work() -> None:
    remark = "访客来看房，3号楼1201，2026-03-01 18:00到，订单号 20260301180012345，ok thanks. "
    begun = time.process_time()
    scan(remark * (500_000 // len(remark)))
    assert time.process_time() - begun < 5
