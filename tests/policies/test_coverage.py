"""A pack whose rules no case decides about is not tested, however green its cases are."""

import pytest

from compliance.policies.coverage import uncovered
from compliance.policies.loader import load_text, read_files, shipped


@pytest.mark.parametrize("pack", ["residential", "office"])
def test_every_rule_of_a_shipped_pack_is_decided_about(pack: str) -> None:
    assert uncovered(load_text(read_files(shipped(pack)), version=1)) == ()


def test_a_pack_without_cases_covers_nothing() -> None:
    files = read_files(shipped("residential"))
    files["visitor.yaml"] = files["visitor.yaml"].partition("cases:\n")[0]

    missing = uncovered(load_text(files, version=1))

    assert {one.category for one in missing} == {"visitor"}
    named = {one.rule for one in missing}
    assert {"visitor_name", "host_room", "exit_time"} <= named
    assert any("到期" in one.say.zh for one in missing)


def test_a_field_that_no_case_refuses_is_named() -> None:
    files = read_files(shipped("residential"))
    text = files["visitor.yaml"]
    files["visitor.yaml"] = text.replace("bad_format:visit_purpose", "bad_format:visitor_name")

    assert text != files["visitor.yaml"]
    missing = [one for one in uncovered(load_text(files, version=1)) if one.rule == "visit_purpose"]
    assert ["拒绝" in one.say.zh for one in missing] == [True]
