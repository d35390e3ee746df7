"""Whoever makes a key first makes it for all, and a crash leaves it whole or not there."""

import os
import resource
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from compliance.domain.errors import ComplianceError, KeyLost
from compliance.keys.file_keyring import FileKeyring
from compliance.keys.key_folder import file_name_of
from compliance.ports import Keyring

WINDOW = "window/main/2026-03-31"


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_processes_that_race_get_the_same_key(folder: Path) -> None:
    program = (
        "import os, sys\nfrom pathlib import Path\nfrom compliance.keys.file_keyring import FileKeyring\n"
        "keyring = FileKeyring(Path(sys.argv[1]), random=os.urandom)\nprint('ready', flush=True)\ninput()\n"
        "for n in range(40): print(keyring.mac(f'own/{n}/0')(b'x').hex())\n"
    )
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    for racer in racers:
        assert racer.stdout is not None
        assert racer.stdout.readline() == "ready\n"
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.write("\n")
        racer.stdin.flush()
    answers = [racer.communicate(timeout=60)[0].split() for racer in racers]

    assert answers[0] == answers[1] == answers[2]
    assert len(set(answers[0])) == 40
    assert {path.suffix for path in _files(folder)} == {".key"}


def test_threads_that_race_get_the_same_key(keyring: Keyring) -> None:
    start = threading.Barrier(8)
    digests: list[bytes] = []

    def race() -> None:
        start.wait()
        digests.extend(keyring.mac(f"own/{n}/0")(b"x") for n in range(20))

    threads = [threading.Thread(target=race) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(digests) == 160
    assert len(set(digests)) == 20


def test_a_full_disk_leaves_no_key_file(folder: Path) -> None:
    """A limit on the size of files stands in for the disk: the write stops in the middle of the file."""
    keyring = FileKeyring(folder, random=os.urandom)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20, hard))
    try:
        with pytest.raises(OSError):
            keyring.sealer(WINDOW)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert _files(folder) == []
    keyring.sealer(WINDOW)


def test_a_draft_that_a_crash_left_is_cleared_away(folder: Path, keyring: Keyring) -> None:
    (folder / "window.keys").mkdir(mode=0o700)
    (folder / "window.keys" / ".draft").write_bytes(b"half a")

    keyring.sealer(WINDOW)

    assert _files(folder) == [folder / "window.keys" / file_name_of(WINDOW, ".key")]


def test_a_crash_just_after_naming_keeps_the_key(folder: Path, keyring: Keyring) -> None:
    envelope = keyring.sealer(WINDOW)(b"content", b"")
    (folder / "window.keys" / ".draft").hardlink_to(folder / "window.keys" / file_name_of(WINDOW, ".key"))
    restarted = FileKeyring(folder, random=os.urandom)

    assert restarted.unseal(WINDOW, envelope, b"") == b"content"
    assert _files(folder) == [folder / "window.keys" / file_name_of(WINDOW, ".key")]


def test_randomness_that_falls_short_makes_no_key(folder: Path) -> None:
    with pytest.raises(ComplianceError, match="random"):
        FileKeyring(folder, random=lambda count: bytes(count - 1)).sealer(WINDOW)

    assert _files(folder) == []


CHURN = (
    "import os, sys\nfrom pathlib import Path\nfrom compliance.keys.file_keyring import FileKeyring\n"
    "keyring, n = FileKeyring(Path(sys.argv[1]), random=os.urandom), 0\n"
    "while True:\n"
    "    print('made', n, keyring.sealer(f'own/{n}/0')(b'content', b'').hex(), flush=True)\n"
    "    if n % 2: keyring.destroy(f'own/{n}/0'); print('gone', n, '-', flush=True)\n"
    "    n += 1\n"
)


def test_a_kill_in_the_midst_loses_no_key_in_use_and_brings_none_back(tmp_path: Path) -> None:
    for round_ in range(6):
        folder = tmp_path / str(round_)
        with subprocess.Popen(
            [sys.executable, "-c", CHURN, str(folder)], stdout=subprocess.PIPE, text=True
        ) as churner:
            assert churner.stdout is not None
            first = churner.stdout.readline()
            time.sleep(0.02 + 0.0137 * round_)
            churner.send_signal(signal.SIGKILL)
            said = [line.split() for line in (first + churner.stdout.read()).split("\n")[:-1]]

        keyring = FileKeyring(folder, random=os.urandom)
        gone = {n for word, n, _ in said if word == "gone"}
        made = {n: bytes.fromhex(envelope) for word, n, envelope in said if word == "made"}

        for n, envelope in made.items():
            if n in gone:
                with pytest.raises(KeyLost):
                    keyring.unseal(f"own/{n}/0", envelope, b"")
            elif int(n) % 2 == 0:  # the last odd one may have been on its way out
                assert keyring.unseal(f"own/{n}/0", envelope, b"") == b"content"
        for number in range(len(made) + 2):  # whatever the kill left, destroying and making go on
            keyring.destroy(f"own/{number}/0")
            keyring.sealer(f"own/{number}/0")
        assert {path.suffix for path in _files(folder)} == {".key"}
