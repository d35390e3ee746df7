"""`policy diff`, `plan`, `publish`, `redate` and `explain` at the command line."""

import json
import re
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from compliance.cli import app
from compliance.domain.errors import PublicationRefused
from compliance.policies.loader import shipped

AT = "2026-03-02T10:00+08:00"


@pytest.fixture
def packs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """A scratch home, the shipped pack, and the same with visitors kept for seven days."""
    monkeypatch.setenv("COMPLIANCE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COMPLIANCE_SCRATCH", "1")
    old, new = tmp_path / "old", tmp_path / "new"
    shutil.copytree(shipped("residential"), old)
    shutil.copytree(old, new)
    path = new / "visitor.yaml"
    written = path.read_text(encoding="utf-8")
    path.write_text(re.sub(r"\n  keep: \S+", "\n  keep: 7d", written, count=1), encoding="utf-8")
    return old, new


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["policy", *(str(one) for one in arguments)])


def test_a_difference_is_told_in_sentences(packs: tuple[Path, Path]) -> None:
    ended = run("diff", *packs)

    assert ended.exit_code == 0
    assert "− 收窄 narrows  访客：保存期限由30天缩短为7天" in ended.output
    assert "Visitor: kept 7 days instead of 30 days" in ended.output


def test_a_difference_is_json_for_machines(packs: tuple[Path, Path]) -> None:
    old, new = packs
    found = json.loads(run("diff", new, old, "--format", "json").output)

    assert (found["direction"], found["widens"], found["narrows_only"]) == ("widens", True, False)
    assert [change["aspect"] for change in found["changes"]] == ["keep"]


def test_a_difference_is_a_page_for_the_officer(packs: tuple[Path, Path], tmp_path: Path) -> None:
    page = tmp_path / "page.html"

    assert run("diff", *packs, "--format", "html", "--out", page).exit_code == 0
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_the_same_pack_has_no_difference(packs: tuple[Path, Path]) -> None:
    assert "没有变更" in run("diff", packs[0], packs[0]).output


@pytest.mark.parametrize("side", ["9", "no-such-folder", "²"])
def test_what_is_not_there_cannot_be_compared(packs: tuple[Path, Path], side: str) -> None:
    assert run("diff", side, packs[1]).exit_code == 2


def test_a_pack_is_compared_planned_published_and_applied(packs: tuple[Path, Path]) -> None:
    old, new = packs
    assert run("publish", old, "--by", "staff-1", "--at", AT).exit_code == 0

    planned = json.loads(run("plan", new, "--at", AT, "--json").output)
    assert planned["base_version"] == 1
    assert planned["needs_second"] is False
    assert [line["category"] for line in planned["notices"]] == ["visitor"]
    assert "什么都没有改动" in run("plan", new, "--at", AT).output

    published = json.loads(run("publish", new, "--by", "staff-1", "--at", AT, "--json").output)
    assert (published["version"], published["direction"]) == (2, "narrows")
    done = json.loads(run("redate", 2, "--by", "staff-1", "--at", AT, "--json").output)
    assert done == {"version": 2, "parts": 0, "records": 0}
    assert "收窄" in run("diff", 1, 2).output


def test_widening_alone_is_refused(packs: tuple[Path, Path]) -> None:
    old, new = packs
    run("publish", new, "--by", "staff-1", "--at", AT)

    assert isinstance(run("publish", old, "--by", "staff-1", "--at", AT).exception, PublicationRefused)
    assert run("publish", old, "--by", "staff-1", "--second", "staff-2", "--at", AT).exit_code == 0


def test_a_policy_may_take_effect_later(packs: tuple[Path, Path]) -> None:
    old, new = packs
    run("publish", old, "--by", "staff-1", "--at", AT)
    later = run("publish", new, "--by", "staff-1", "--effective", "2026-04-01T00:00+08:00", "--at", AT)

    assert later.exit_code == 0
    assert isinstance(run("redate", 2, "--by", "staff-1", "--at", AT).exception, PublicationRefused)


class TestExplaining:
    @pytest.mark.parametrize(
        ("lang", "said"),
        [
            (
                "zh",
                ["为什么收集", "个人信息保护法 13(1)(1)", "取得个人的同意", "30天", "值班人员", "不影响进入"],
            ),
            ("en", ["Why", "consent", "30 days", "guards"]),
        ],
    )
    def test_a_field_says_why_and_for_how_long(
        self, packs: tuple[Path, Path], lang: str, said: list[str]
    ) -> None:
        ended = run("explain", "visitor", "visitor_phone", "--policies", packs[0], "--lang", lang)

        assert ended.exit_code == 0
        assert all(word in ended.output for word in said)

    def test_who_refuses_is_told_the_other_way_in(self, packs: tuple[Path, Path]) -> None:
        assert "由住户确认后放行" in run("explain", "visitor", "visitor_name", "--policies", packs[0]).output

    def test_what_may_never_be_asked_for_is_refused_with_the_law(self, packs: tuple[Path, Path]) -> None:
        shown = run("explain", "visitor", "id_number", "--policies", packs[0]).output

        assert "任何类别都不得收集" in shown
        assert "最小范围" in shown

    def test_what_a_policy_does_not_name_is_refused_too(self, packs: tuple[Path, Path]) -> None:
        shown = run("explain", "visitor", "favourite_colour", "--policies", packs[0]).output

        assert "没有列出这一项" in shown

    def test_a_free_text_says_what_becomes_of_identifiers(self, packs: tuple[Path, Path]) -> None:
        shown = run("explain", "delivery", "courier_ref", "--policies", packs[0]).output

        assert "发现证件号、电话等：退回" in shown
        assert "可能有证件号、电话等：照收并提示" in shown

    def test_every_field_of_every_category_can_be_explained(self, packs: tuple[Path, Path]) -> None:
        from compliance.cli.explaining import explained
        from tests.builders import a_pack

        for category, policy in a_pack().categories.items():
            for field in ("", *policy.fields):
                for lang in ("zh", "en"):
                    assert explained(a_pack(), category, field, lang)

    def test_an_unknown_category_is_wrong_usage(self, packs: tuple[Path, Path]) -> None:
        assert run("explain", "nobody", "--policies", packs[0]).exit_code == 2
