"""Mappings of tables and files: read strictly, every fault at its place, nothing of a password in any."""

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from compliance.domain.errors import ConfigurationInvalid
from compliance.domain.mapping import ColumnRule, SealedFileMapping, TableMapping
from compliance.policies.mapping import (
    load_csv_mapping,
    load_store_mapping,
    load_store_mappings,
    load_table_mapping,
)

EXAMPLES = Path(__file__).parents[2] / "examples" / "existing-register"
TABLE = """
name: register
url: postgresql+psycopg://u:CANARY@host/db
table: visits
key: id
category: {column: kind, words: {访: visitor}}
columns:
  visitor_name: [family, given]
  remark: {columns: note, erased: ''}
  entry_time: {columns: arrived, time: true}
times: {timezone: Asia/Shanghai}
"""
CSV = """
constants: {category: visitor, channel: desk}
collected_at: made
fields: {visitor_name: '{first} {last}', entry_time: [came, made]}
times: {timezone: Asia/Shanghai, fields: [entry_time]}
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "mapping.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_tables_mapping_is_read(tmp_path: Path) -> None:
    mapping = load_table_mapping(written(tmp_path, TABLE))

    assert mapping.columns["visitor_name"] == ColumnRule(columns=("family", "given"))
    assert mapping.columns["remark"].erased == ""
    assert mapping.columns["entry_time"].time
    assert (mapping.category, mapping.category_column, mapping.category_words) == (
        "",
        "kind",
        {"访": "visitor"},
    )
    assert mapping.timezone == ZoneInfo("Asia/Shanghai")
    assert "CANARY" not in repr(mapping)


def test_a_files_mapping_is_read_and_a_bare_column_is_a_template(tmp_path: Path) -> None:
    mapping = load_csv_mapping(written(tmp_path, CSV))

    assert mapping.fields == {"visitor_name": ("{first} {last}",), "entry_time": ("{came}", "{made}")}
    assert mapping.collected_at == ("{made}",)
    assert mapping.pass_code == ()
    assert not mapping.pass_extra


def test_a_files_mapping_may_say_where_the_pass_code_stands(tmp_path: Path) -> None:
    mapping = load_csv_mapping(written(tmp_path, CSV + "pass: [slip, 通行码]\n"))

    assert mapping.pass_code == ("{slip}", "{通行码}")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (TABLE.replace("key: id\n", ""), "key"),
        (TABLE.replace("key: id", "key: [id]"), "mapping.yaml:5:"),
        (TABLE + "colums: {}\n", "colums"),
        (TABLE.replace("Asia/Shanghai", "Asia/Nowhere"), "times.timezone"),
        (TABLE.replace("note", "arrived"), "mapping.yaml"),
        (TABLE.replace("note", "id"), "mapping.yaml"),
        (TABLE + "key: other\n", "mapping.yaml:12:1"),
        ("- a\n", "mapping.yaml:1:"),
        ("a: [", "mapping.yaml"),
    ],
    ids=["missing", "type", "unknown", "zone", "twice", "the key", "duplicate", "no mapping", "no YAML"],
)
def test_a_fault_is_said_at_its_place_without_what_was_written(tmp_path: Path, text: str, named: str) -> None:
    with pytest.raises(ConfigurationInvalid) as fault:
        load_table_mapping(written(tmp_path, text))

    assert named in str(fault.value)
    assert "CANARY" not in str(fault.value)


@pytest.mark.parametrize(
    ("change", "to"),
    [
        ("fields: [entry_time]", "fields: [exit_time]"),
        ("collected_at: made\n", ""),
        ("constants: {category: visitor, channel: desk}", "constants: {category: visitor}"),
        ("collected_at: made", "encoding: utf-16\ncollected_at: made"),
        ("collected_at: made", "extra: maybe\ncollected_at: made"),
    ],
    ids=["unknown field", "no collected_at", "no channel", "encoding", "extra"],
)
def test_a_files_mapping_with_a_fault_is_refused(tmp_path: Path, change: str, to: str) -> None:
    assert change in CSV

    with pytest.raises(ConfigurationInvalid, match=r"mapping\.yaml:\d+:\d+"):
        load_csv_mapping(written(tmp_path, CSV.replace(change, to)))


def test_every_fault_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationInvalid) as fault:
        load_table_mapping(written(tmp_path, TABLE.replace("key: id\n", "").replace("table: visits\n", "")))

    assert "“key”" in str(fault.value)
    assert "“table”" in str(fault.value)


def test_a_file_that_is_not_there_or_not_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "binary.yaml").write_bytes(b"\xff\xfe")

    for name in ("missing.yaml", "binary.yaml"):
        with pytest.raises(ConfigurationInvalid, match=name):
            load_table_mapping(tmp_path / name)


def test_the_examples_are_read() -> None:
    assert load_table_mapping(EXAMPLES / "visits.table.yaml").holding == "compliance_id"
    assert load_csv_mapping(EXAMPLES / "visits.csv.yaml").pass_extra
    assert len(load_csv_mapping(EXAMPLES / "visits-minimised.csv.yaml").drop) == 11


ARCHIVE = """
kind: sealed_file
name: archive
folder: ../sealed
categories: [visitor, delivery]
residue: {tape: 90d}
"""


class TestAStoreOfFilesThatOnlyGrow:
    def test_its_mapping_is_read_and_its_folder_lies_beside_it(self, tmp_path: Path) -> None:
        mapping = load_store_mapping(written(tmp_path, ARCHIVE))

        assert isinstance(mapping, SealedFileMapping)
        assert (mapping.name, set(mapping.categories)) == ("archive", {"visitor", "delivery"})
        assert Path(mapping.folder) == tmp_path / ".." / "sealed"
        assert mapping.residue == {"tape": "P90D"}
        absolute = written(tmp_path, ARCHIVE.replace("../sealed", "/srv/sealed"))
        found = load_store_mapping(absolute)
        assert isinstance(found, SealedFileMapping)
        assert found.folder == "/srv/sealed"

    def test_a_mapping_that_says_no_kind_is_a_tables(self, tmp_path: Path) -> None:
        assert isinstance(load_store_mapping(written(tmp_path, TABLE)), TableMapping)

    @pytest.mark.parametrize(
        ("old", "new", "place"),
        [
            ("kind: sealed_file", "kind: s3", "kind"),
            ("folder: ../sealed", "", "folder"),
            ("folder: ../sealed", "folder: ''", "folder"),
            ("[visitor, delivery]", "[]", "categories"),
            ("name: archive", "name: ../x", "name"),
            ("tape: 90d", "tape: for ever", "residue"),
            ("tape: 90d", "tape: P1M-5D", "residue"),
            ("residue", "leftover", "leftover"),
        ],
    )
    def test_what_is_wrong_is_said_at_its_place(self, tmp_path: Path, old: str, new: str, place: str) -> None:
        with pytest.raises(ConfigurationInvalid) as said:
            load_store_mapping(written(tmp_path, ARCHIVE.replace(old, new)))

        assert place in str(said.value)

    @pytest.mark.parametrize(
        ("other", "what"),
        [
            (ARCHIVE.replace("[visitor, delivery]", "[vehicle]"), "archive"),
            (ARCHIVE.replace("name: archive", "name: second"), "delivery"),
            (TABLE, "visitor"),
            (ARCHIVE.replace("[visitor, delivery]", "[vehicle]").replace("archive", "vault"), "vault"),
        ],
    )
    def test_two_mappings_may_not_claim_the_same(self, tmp_path: Path, other: str, what: str) -> None:
        (tmp_path / "a.yaml").write_text(ARCHIVE, encoding="utf-8")
        assert len(load_store_mappings(tmp_path)) == 1
        (tmp_path / "b.yaml").write_text(other, encoding="utf-8")

        with pytest.raises(ConfigurationInvalid, match=what):
            load_store_mappings(tmp_path)

    def test_two_tables_of_one_category_may_both_be_adopted(self, tmp_path: Path) -> None:
        (tmp_path / "a.yaml").write_text(TABLE, encoding="utf-8")
        (tmp_path / "b.yaml").write_text(TABLE.replace("register", "old_register"), encoding="utf-8")

        assert len(load_store_mappings(tmp_path)) == 2
        assert load_store_mappings(tmp_path / "nowhere") == []
