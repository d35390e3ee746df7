"""No acknowledged line is lost, no half line is believed, and nothing but opaque facts gets in."""

import errno
import json
import os
import resource
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compliance.db.journal import ACCEPTED, FileJournal
from compliance.domain.errors import JournalMissing, LedgerError, LedgerMalformed
from compliance.ports import Journal

ERASED = {
    "act": "erased",
    "act_id": "a1",
    "site": "main",
    "category": "visitor",
    "day": "2026-04-01",
    "count": 2,
}
IDS = {**ERASED, "ids": ["2611-ABC/0", "2611-DEF/0,1"], "time": 1775001600}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "acts.journal"


@pytest.fixture
def journal(path: Path) -> FileJournal:
    return FileJournal(path)


def _line(number: int) -> dict[str, Any]:
    return {**ERASED, "count": number}


def _counts(journal: Journal) -> list[int]:
    return [line["count"] for line in journal.read()]


def test_lines_come_back_as_they_went_in(path: Path, journal: FileJournal) -> None:
    journal.append([ERASED, IDS])
    journal.append([_line(3)])

    assert list(FileJournal(path).read()) == [ERASED, IDS, _line(3)]


def test_lines_are_json_that_any_tool_reads(path: Path, journal: FileJournal) -> None:
    journal.append([ERASED, IDS])

    first, second = path.read_text(encoding="ascii").splitlines()
    assert first.startswith('{"act":"erased","act_id":"a1","category":"visitor","count":2,')
    assert {**IDS, "crc": json.loads(second)["crc"]} == json.loads(second)


def test_the_bytes_are_those_of_the_first_commit(path: Path, journal: FileJournal) -> None:
    journal.append([{"act": "erased", "count": 1}, {"act": "erased", "count": 1}])

    assert path.read_bytes() == (
        b'{"act":"erased","count":1,"crc":"c1ae047b"}\n{"act":"erased","count":1,"crc":"94d344e7"}\n'
    )


def test_the_file_is_for_the_owner_alone(path: Path, journal: FileJournal) -> None:
    assert not journal.exists()
    journal.append([ERASED])

    assert journal.exists()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_folder_that_is_not_there_yet_is_made(tmp_path: Path) -> None:
    path = tmp_path / "journal" / "acts.jsonl"
    FileJournal(path).append([ERASED])

    assert list(FileJournal(path).read()) == [ERASED]
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_nothing_to_append_makes_no_file(journal: FileJournal) -> None:
    journal.append([])

    assert not journal.exists()


def test_a_replay_may_append_while_it_reads(journal: FileJournal) -> None:
    journal.append([_line(1), _line(2)])

    for line in journal.read():
        journal.append([{**line, "act": "restored"}])

    assert [line["act"] for line in journal.read()] == ["erased", "erased", "restored", "restored"]


class TestWhatIsAccepted:
    def test_every_accepted_field_is(self, journal: FileJournal) -> None:
        journal.append([dict.fromkeys(sorted(ACCEPTED), "x")])

        assert list(journal.read()) == [dict.fromkeys(ACCEPTED, "x")]

    @pytest.mark.parametrize("field", ["visitor_name", "visitor_phone", "keys", "crc", "ACT", ""])
    def test_no_other_field_gets_in(self, journal: FileJournal, field: str) -> None:
        with pytest.raises(LedgerMalformed, match="not accepted"):
            journal.append([ERASED, {**ERASED, field: "x"}])

        assert not journal.exists()

    @pytest.mark.parametrize(
        "value", [None, 1.5, True, b"x", {"a": 1}, ["a", 1], [["a"]], "张三", ["张三"], "a\0"]
    )
    def test_no_other_value_gets_in_and_the_error_does_not_repeat_it(
        self, journal: FileJournal, value: object
    ) -> None:
        with pytest.raises(LedgerMalformed, match=r"^journal: members: not ") as refused:
            journal.append([{**ERASED, "members": value}])

        assert "张三" not in str(refused.value)
        assert not journal.exists()

    def test_a_hold_may_name_its_site_document_and_law_in_chinese(self, journal: FileJournal) -> None:
        line = {"act": "hold_placed", "site": "南门", "ids": ["", "示受案字〔2026〕1号", "刑事诉讼法 54"]}
        journal.append([line])

        assert list(journal.read()) == [line]
        with pytest.raises(LedgerMalformed, match="ids"):
            journal.append([{**line, "ids": ["\ud800"]}])

    def test_a_line_without_an_act_is_refused(self, journal: FileJournal) -> None:
        with pytest.raises(LedgerMalformed, match="act: missing"):
            journal.append([{"count": 1}])

    @settings(
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
        max_examples=50,
        deadline=None,
    )
    @given(
        lines=st.lists(
            st.dictionaries(
                st.sampled_from(sorted(ACCEPTED)),
                st.integers()
                | st.text(st.characters(min_codepoint=32, max_codepoint=126))
                | st.lists(st.text(st.sampled_from('ab\n"\\}{,'))),
            ).map(lambda line: {"act": "erased", **line})
        )
    )
    def test_whatever_is_accepted_comes_back(self, path: Path, lines: list[dict[str, Any]]) -> None:
        path.unlink(missing_ok=True)
        FileJournal(path).append([ERASED])
        FileJournal(path).append(lines)

        assert list(FileJournal(path).read()) == [ERASED, *lines]


class TestWhenTheFileIsTorn:
    def test_a_last_line_cut_anywhere_is_not_believed_and_is_cut_off(
        self, path: Path, journal: FileJournal
    ) -> None:
        journal.append([_line(1), _line(2)])
        kept = path.stat().st_size
        journal.append([_line(3)])
        whole = path.read_bytes()

        for length in range(kept, len(whole)):
            path.write_bytes(whole[:length])
            assert _counts(FileJournal(path)) == [1, 2]
            FileJournal(path).append([_line(4)])
            assert _counts(FileJournal(path)) == [1, 2, 4]

    def test_a_first_line_cut_anywhere_is_cut_off_too(self, path: Path, journal: FileJournal) -> None:
        journal.append([_line(1)])
        whole = path.read_bytes()

        for length in range(len(whole)):
            path.write_bytes(whole[:length])
            assert _counts(FileJournal(path)) == []
            FileJournal(path).append([_line(2)])
            assert _counts(FileJournal(path)) == [2]

    def test_a_torn_line_longer_than_a_page_is_cut_off(self, path: Path, journal: FileJournal) -> None:
        journal.append([_line(1)])
        with path.open("ab") as file:
            file.write(bytes(20_000))

        journal.append([_line(2)])

        assert _counts(journal) == [1, 2]


class TestWhenTheFileIsDamaged:
    def test_any_flipped_bit_stops_the_reading(self, path: Path, journal: FileJournal) -> None:
        journal.append([_line(1), _line(2), _line(3)])
        whole = path.read_bytes()
        last = len(whole) - 1  # without its line feed the last line is a torn one

        for bit in range(last * 8):
            altered = bytearray(whole)
            altered[bit // 8] ^= 1 << bit % 8
            path.write_bytes(altered)
            with pytest.raises(LedgerError, match="damaged"):
                _counts(FileJournal(path))

    @pytest.mark.parametrize("gone", [0, 1, 2])
    def test_a_line_that_is_missing_from_the_middle_is_noticed(
        self, path: Path, journal: FileJournal, gone: int
    ) -> None:
        journal.append([_line(n) for n in range(4)])
        lines = path.read_bytes().splitlines(keepends=True)
        path.write_bytes(b"".join(lines[:gone] + lines[gone + 1 :]))

        with pytest.raises(LedgerError, match=f"line {gone + 1}"):
            _counts(journal)

    def test_nothing_is_appended_to_a_damaged_end(self, path: Path, journal: FileJournal) -> None:
        journal.append([_line(1)])
        with path.open("ab") as file:
            file.write(b"\n")

        with pytest.raises(LedgerError, match="last line is damaged"):
            journal.append([_line(2)])


class TestWhenTheFileIsMissing:
    def test_reading_says_so_at_once(self, journal: FileJournal) -> None:
        with pytest.raises(JournalMissing):
            journal.read()

    def test_one_that_goes_while_in_use_is_not_begun_anew(self, path: Path, journal: FileJournal) -> None:
        journal.append([ERASED])
        path.unlink()

        with pytest.raises(JournalMissing, match="gone"):
            journal.append([ERASED])
        assert not journal.exists()

    def test_one_that_is_replaced_while_in_use_is_refused(self, path: Path, journal: FileJournal) -> None:
        journal.append([ERASED])
        path.rename(path.with_suffix(".old"))
        FileJournal(path).append([ERASED])

        with pytest.raises(JournalMissing, match="taken"):
            journal.append([ERASED])


@pytest.mark.parametrize("room", [0, 1, 60, 150, 300])
def test_a_full_disk_raises_and_leaves_nothing_of_the_append(
    path: Path, journal: FileJournal, room: int
) -> None:
    """A limit on the size of files stands in for the disk: the write stops in the middle of a line."""
    journal.append([_line(1), _line(2)])
    before = path.read_bytes()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + room, hard))
    try:
        with pytest.raises(OSError):
            journal.append([_line(n) for n in range(3, 9)])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert path.read_bytes() == before
    journal.append([_line(3)])
    assert _counts(journal) == [1, 2, 3]


def test_what_the_disk_does_not_confirm_is_not_acknowledged(
    path: Path, journal: FileJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal.append([_line(1)])

    def failing(file: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", failing)
        with pytest.raises(OSError):
            journal.append([_line(2)])

    assert _counts(journal) == [1]


WRITER = (
    "import sys\nfrom pathlib import Path\nfrom compliance.db.journal import FileJournal\n"
    "journal, site, n = FileJournal(Path(sys.argv[1])), sys.argv[2], 0\n"
    "while n < int(sys.argv[3]):\n"
    "    ids = ['2611-ABCDEFGHJKMNPQRSTVWX/0'] * 200\n"
    "    journal.append([{'act': 'erased', 'site': site, 'count': n + i, 'ids': ids} for i in range(5)])\n"
    "    n += 5\n"
    "    print(n, flush=True)\n"
)


def _writer(path: Path, site: str, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITER, str(path), site, str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_a_writer_killed_in_the_midst_loses_no_acknowledged_line(path: Path) -> None:
    for round_ in range(6):
        site = f"site-{round_}"
        with _writer(path, site, 10**9) as writer:
            assert writer.stdout is not None
            first = writer.stdout.readline()
            time.sleep(0.02 + 0.013 * round_)
            writer.send_signal(signal.SIGKILL)
            acknowledged = int((first + writer.stdout.read()).split("\n")[-2])

        written = [line["count"] for line in FileJournal(path).read() if line["site"] == site]

        assert written == list(range(len(written)))
        assert len(written) >= acknowledged > 0


def test_writers_at_once_neither_lose_nor_mix_lines(path: Path) -> None:
    writers = [_writer(path, site, 100) for site in ("east", "west", "south")]
    for writer in writers:
        writer.communicate(timeout=60)

    lines = list(FileJournal(path).read())

    for site in ("east", "west", "south"):
        assert [line["count"] for line in lines if line["site"] == site] == list(range(100))
