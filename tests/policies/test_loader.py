"""A pack is read whole or refused whole, with every fault at its place, whatever the bytes are."""

from __future__ import annotations

import random
import shutil
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.domain.policy import FieldRule
from compliance.domain.vocabulary import BasisProfile
from compliance.policies.commands import check
from compliance.policies.fault import PackInvalid
from compliance.policies.loader import digest, load, load_text, read_files, shipped
from compliance.policies.source import read


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    folder = tmp_path / "pack"
    shutil.copytree(shipped("residential"), folder)
    return folder


def change(folder: Path, file: str, edit: Callable[[str], str]) -> None:
    path = folder / file
    path.write_text(edit(path.read_text(encoding="utf-8")), encoding="utf-8")


def test_the_shipped_pack_has_every_category_of_the_register() -> None:
    categories = load(shipped("residential")).categories

    assert set(categories) == {
        "visitor",
        "delivery",
        "service",
        "vehicle",
        "long_term_tenant",
        "short_stay_guest",
        "emergency",
        "resident_access",
        "goods_release",
    }


def test_the_office_registers_on_duty_and_knows_no_visitor() -> None:
    office = load(shipped("office"))

    assert set(office.categories) == {"caller", "goods_in_out", "car"}
    assert office.site.basis_profile is BasisProfile.DUTY
    assert not office.categories.keys() & load(shipped("residential")).categories.keys()


def test_every_name_is_given_in_chinese_and_in_english() -> None:
    for category in load(shipped("residential")).categories.values():
        for text in [category.label, *(rule.label for rule in category.fields.values())]:
            assert text.zh
            assert text.en


def test_a_pack_kept_as_text_is_the_pack_in_the_folder() -> None:
    files = read_files(shipped("residential"))
    kept = load_text(files, version=7, name="residential")

    assert kept.digest == load(shipped("residential")).digest == digest(files)
    assert kept.version == 7
    assert {category.version for category in kept.categories.values()} == {7}


def test_a_published_pack_is_not_judged_again_by_rules_that_came_later() -> None:
    files = read_files(shipped("residential"))
    files["visitor.yaml"] = files["visitor.yaml"].replace("keep: 30d ", "keep: P5Y ", 1)

    with pytest.raises(PackInvalid):
        load_text(files)
    assert load_text(files, version=3).categories["visitor"].retentions[0].keep.years == 5


def test_the_digest_changes_with_any_character() -> None:
    files = read_files(shipped("residential"))

    assert digest({**files, "visitor.yaml": files["visitor.yaml"] + " "}) != digest(files)


def test_the_digest_does_not_depend_on_the_order_of_files() -> None:
    files = read_files(shipped("residential"))

    assert digest(dict(reversed(files.items()))) == digest(files)


def test_fields_that_die_together_share_a_class_and_a_token_stands_alone() -> None:
    delivery = load(shipped("residential")).categories["delivery"]

    assert delivery.fields["courier_name"].retention_class == delivery.fields["entry_time"].retention_class
    assert delivery.fields["order_room"].retention_class != delivery.fields["courier_phone"].retention_class
    assert delivery.fields["order_room"].retention.apart == "order_room"


def test_the_never_list_is_known_by_its_chinese_names_too() -> None:
    never = load(shipped("residential")).never

    assert never["身份证号"] is never["id_number"]
    assert never["id_number"].say.zh == "我们不登记身份证号，请删去这一项，其他照常登记。"


class TestWhenAFileHasFaults:
    def test_every_fault_of_every_file_is_reported_at_once(self, pack: Path) -> None:
        change(
            pack, "visitor.yaml", lambda text: text.replace("purpose: host_confirmation", "purpose: sales", 1)
        )
        change(pack, "visitor.yaml", lambda text: text.replace("type: count", "type: number", 1))
        change(pack, "delivery.yaml", lambda text: text.replace("keep: 7d", "keep: 永久", 1))
        change(pack, "site.yaml", lambda text: text.replace("jurisdictions: [cn]", "jurisdictions: [xx]", 1))

        found = {(fault.file, fault.rule) for fault in check(pack)}

        assert found >= {
            ("visitor.yaml", "L-011"),
            ("visitor.yaml", "F-04"),
            ("delivery.yaml", "L-031"),
            ("site.yaml", "L-007"),
        }

    def test_a_fault_in_line_three_thousand_is_reported_there(self, pack: Path) -> None:
        padding = "\n" * 3000
        change(
            pack, "visitor.yaml", lambda text: text.replace("fields:\n", f"fields:{padding}  oops: {{}}\n", 1)
        )

        lines = {fault.line for fault in check(pack) if fault.file == "visitor.yaml"}

        assert all(line > 3000 for line in lines)
        assert lines

    def test_a_category_that_stands_in_two_files_is_refused(self, pack: Path) -> None:
        shutil.copy(pack / "visitor.yaml", pack / "visitor_again.yaml")

        assert [fault.rule for fault in check(pack)] == ["F-09"]

    def test_a_pack_without_a_site_is_refused(self, pack: Path) -> None:
        (pack / "site.yaml").unlink()

        with pytest.raises(PackInvalid, match="缺少 site"):
            load(pack)

    def test_a_folder_that_is_not_there_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(PackInvalid):
            load(tmp_path / "nowhere")


class TestWhenTheFileIsHostile:
    def test_random_bytes_are_no_text_file(self, pack: Path) -> None:
        (pack / "visitor.yaml").write_bytes(random.Random(1).randbytes(4096))

        assert [(fault.file, fault.rule) for fault in check(pack)] == [("visitor.yaml", "F-01")]

    def test_a_billion_laughs_are_refused_before_they_are_told(self, pack: Path) -> None:
        lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
        lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
        (pack / "visitor.yaml").write_text("\n".join(lines), encoding="utf-8")
        tracemalloc.start()

        found = check(pack)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()

        assert [fault.rule for fault in found] == ["F-01"]
        assert peak < 100_000_000

    def test_a_file_of_fifty_megabytes_is_not_even_read(self, pack: Path) -> None:
        with (pack / "visitor.yaml").open("wb") as file:
            file.truncate(50_000_000)
        started = time.process_time()  # what else the machine has to do is not the reader's fault

        found = check(pack)

        assert [fault.rule for fault in found] == ["F-01"]
        assert "1 MB" in found[0].zh
        assert time.process_time() - started < 2

    @pytest.mark.parametrize(
        "text", ["[" * 100_000, "{a: " * 50_000, "- " * 50_000, "? " * 50_000, "\x00", "---\n---\n"]
    )
    def test_depth_and_control_characters_are_refused(self, text: str) -> None:
        assert [fault.rule for fault in read("x.yaml", text).faults] == ["F-01"]

    @pytest.mark.parametrize(
        "text",
        ["!" * 900_000, "[" + "a," * 450_000 + "]", "? a\n" * 200_000, "k: [" + "1,\n " * 200_000 + "]"],
    )
    def test_a_megabyte_of_nothing_much_is_refused_in_seconds(self, text: str) -> None:
        started = time.process_time()

        assert "F-01" in {fault.rule for fault in read("x.yaml", text).faults}
        assert time.process_time() - started < 10

    @given(st.text(max_size=200))
    @settings(max_examples=300, deadline=None)
    def test_no_text_whatever_makes_the_reader_stumble(self, text: str) -> None:
        source = read("x.yaml", text)

        assert source.faults or source.value is None or isinstance(source.value, (dict, list, str, int, bool))

    @given(st.text(alphabet="abc:-[]{}#&*!|>'\"%@`?, \n\t", max_size=80))
    @settings(max_examples=500, deadline=None)
    def test_no_yaml_whatever_makes_the_loader_stumble(self, text: str) -> None:
        site = (shipped("residential") / "site.yaml").read_text(encoding="utf-8")

        with pytest.raises(PackInvalid):
            load_text({"site.yaml": site, "odd.yaml": f"category: odd\nfields:\n  {text}"})


class TestWhenTheHandSlips:
    @pytest.mark.parametrize(
        ("text", "place", "says"),
        [
            ("a: 1\nlabel：姓名\nb: 2\n", (2, 6), "全角冒号"),
            ("a:\n\tb: 1\n", (2, 1), "制表符"),
            ("a: [1, 2\nb: 1\n", (2, 2), "不是有效的 YAML"),
        ],
    )
    def test_the_slip_is_named_where_it_stands(self, text: str, place: tuple[int, int], says: str) -> None:
        (fault,) = read("x.yaml", text).faults

        assert (fault.line, fault.column) == place
        assert says in fault.zh

    def test_a_file_saved_by_a_word_processor_is_read_all_the_same(self) -> None:
        assert read("x.yaml", "\ufeffa: 1\r\nb: 姓名\r\n").value == {"a": 1, "b": "姓名"}


class TestWhatAPlainScalarMeans:
    def test_no_stays_a_word(self) -> None:
        assert read("x.yaml", "a: no\nb: on\nc: 2026-03-01\nd: 0000-2000000").value == {
            "a": "no",
            "b": "on",
            "c": "2026-03-01",
            "d": "0000-2000000",
        }

    def test_truth_nothing_and_whole_numbers_are_themselves(self) -> None:
        assert read("x.yaml", "a: true\nb:\nc: 30\nd: '30'\ne: ~").value == {
            "a": True,
            "b": None,
            "c": 30,
            "d": "30",
            "e": None,
        }

    def test_every_key_that_stands_twice_is_named(self) -> None:
        faults = read("x.yaml", "a: 1\nb: 2\na: 3\nb: 4").faults

        assert [(fault.rule, fault.line) for fault in faults] == [("F-02", 3), ("F-02", 4)]


def test_the_pages_show_first_what_the_site_puts_first() -> None:
    names = list(load(shipped("residential")).categories)

    assert names[:4] == ["visitor", "delivery", "service", "vehicle"]
    assert names[4:] == sorted(names[4:])


class TestWhatIsDoneAboutIdentifiers:
    """`on_identifier` is one word, or a word for each certainty."""

    def loaded(self, tmp_path: Path, written: str) -> FieldRule:
        folder = self.folder(tmp_path, written)
        return load(folder).categories["visitor"].fields["remark"]

    def folder(self, tmp_path: Path, written: str) -> Path:
        text = (shipped("residential") / "visitor.yaml").read_text(encoding="utf-8")
        field = (
            "fields:\n  remark: {label: 备注, type: text, purpose: entry_security, "
            f"necessity: 紧急情况下用来清点人数的备注, sensitivity: normal, basis: consent{written}}}\n"
        )
        (tmp_path / "visitor.yaml").write_text(text.replace("fields:\n", field, 1), encoding="utf-8")
        shutil.copy(shipped("residential") / "site.yaml", tmp_path)
        return tmp_path

    @pytest.mark.parametrize(
        ("written", "certain", "possible"),
        [
            ("", "refuse", "flag"),
            (", on_identifier: strip", "strip", "flag"),
            (", on_identifier: {possible: strip}", "refuse", "strip"),
            (", on_identifier: {certain: strip, possible: refuse}", "strip", "refuse"),
        ],
    )
    def test_what_is_not_written_is_refused_where_certain_and_flagged_where_possible(
        self, tmp_path: Path, written: str, certain: str, possible: str
    ) -> None:
        rule = self.loaded(tmp_path, written)

        assert (rule.on_identifier.value, rule.on_possible.value) == (certain, possible)

    @pytest.mark.parametrize(
        ("written", "rule"),
        [("drop", "F-04"), ("{certain: drop}", "F-04"), ("{sure: refuse}", "L-004"), ("[refuse]", "F-04")],
    )
    def test_another_word_is_a_fault_at_its_place(self, tmp_path: Path, written: str, rule: str) -> None:
        with pytest.raises(PackInvalid) as invalid:
            load(self.folder(tmp_path, f", on_identifier: {written}"))

        (fault,) = invalid.value.faults
        text = (tmp_path / "visitor.yaml").read_text(encoding="utf-8").splitlines()
        assert fault.rule == rule
        assert "on_identifier" in text[fault.line - 1]
        assert fault.column > text[fault.line - 1].index("on_identifier")
