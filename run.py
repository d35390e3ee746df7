#!/usr/bin/env python3
"""The two commands: `python3 run.py up` and `python3 run.py test`. Standard library only.

    up                            start everything on this machine, with a demo community
    test [--long] [pytest …]      the suite; --long adds what takes minutes
    bench [group …] [--quick]     the benchmarks
    anything else                 goes to the `compliance` command in the same environment

The environment is `.venv` beside this file, made from the hash-locked sets in `requirements/`. A stamp inside it holds
the digest of each set as it was when its installation had *finished*: a warm start compares digests and starts nothing.
An installation that was killed half-way leaves a mark, and the next start makes the environment anew.
"""

import sys

if sys.version_info < (3, 11):  # above all imports that an old interpreter might not have
    sys.exit(
        "需要 Python 3.11 或更新版本（当前为 {0}.{1}）。\n"
        "Python 3.11 or newer is needed; this is {0}.{1}.".format(*sys.version_info)
    )

import contextlib
import hashlib
import importlib.util
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "installed.json"
UNFINISHED = VENV / "unfinished"

NO_VENV = (
    "缺少 Python 的 venv 组件：请先运行 apt install python3-venv，再重新执行本命令。\n"
    "Python's venv is missing: run `apt install python3-venv`, then start this again."
)
INSTALLING = "正在安装依赖（{0}），只在首次或依赖变化时需要…… / Installing dependencies ({0}), only now and when they change …"
FAILED = (
    "依赖安装未完成，原因见上；排除后重新执行即可，已完成的部分不会损坏。\n"
    "The installation did not finish, for the reason above; start again once that is out of the way."
)


def say(sentence: str) -> None:
    """Talk on stderr: on stdout a command may be printing result lines."""
    print(sentence, file=sys.stderr, flush=True)


def main(words: list[str]) -> NoReturn:
    word, rest = (words[0], words[1:]) if words else ("--help", [])
    if word == "test":
        prepare("run", "test")
        os.chdir(ROOT)
        become("-m", "pytest", *spread(rest), *rest)
    if word == "bench":
        prepare("run", "bench")
        os.chdir(ROOT)
        become("-m", "bench", *rest)
    prepare("run")
    # A command's files are where it is called from; a folder there that is called `compliance` is not the command (-P).
    become("-P", "-m", "compliance", word, *rest)


def spread(arguments: list[str]) -> list[str]:
    """Use every core for the whole suite; a chosen test starts faster alone, and a debugger needs to be alone.

    Half as many workers again as there are cores: a quarter of the suite's time is waiting for servers and browsers.
    """
    whole = not [argument for argument in arguments if argument != "--long"]
    workers = str(max(1, (os.cpu_count() or 1) * 3 // 2))
    return ["-n", workers, "--dist", "worksteal", "-q"] if whole else []


def become(*arguments: str) -> NoReturn:
    """Turn into the command: signals reach it and its exit code is ours, since there is nobody in between."""
    os.execv(PYTHON, [str(PYTHON), *arguments])


# --- The environment ---------------------------------------------------------------------------------------------------


def prepare(*names: str) -> None:
    wanted = {name: digest(name) for name in names}
    if satisfied(wanted):
        return
    with alone() as door:
        if satisfied(wanted):  # somebody else was installing while we waited
            return
        say(INSTALLING.format(", ".join(names)))
        if not usable():
            create()
        for name in names:
            if read_stamp().get(name) != wanted[name]:
                install(name, door)
                write_stamp(**{name: wanted[name]})


def digest(name: str) -> str:
    """What a set consists of: its locked file, and the interpreter it was installed for."""
    locked = (ROOT / "requirements" / (name + ".txt")).read_bytes()
    return hashlib.sha256(repr(sys.version_info[:2]).encode() + locked).hexdigest()


def satisfied(wanted: dict[str, str]) -> bool:
    installed = read_stamp()
    return PYTHON.exists() and pth().exists() and all(installed.get(name) == wanted[name] for name in wanted)


def read_stamp() -> dict[str, str]:
    try:
        stamp = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def write_stamp(**digests: str) -> None:
    """Replace the stamp in one step: a kill leaves the old one or the new one, never half of one."""
    fresh = STAMP.with_suffix(".new")
    fresh.write_text(json.dumps({**read_stamp(), **digests}), encoding="utf-8")
    fresh.replace(STAMP)


@contextlib.contextmanager
def alone() -> Iterator[int]:
    """Two starts at once: the second waits for the first one's installation instead of writing into it.

    Yields the file descriptor that holds the lock. pip inherits it, so a pip whose parent was killed is waited for too.
    """
    import fcntl

    with Path(__file__).open("rb") as door:
        fcntl.flock(door, fcntl.LOCK_EX)
        yield door.fileno()


def usable() -> bool:
    """Whether `.venv` is for this Python and its pip is whole: making it may have been killed half-way too."""
    ask = "import sys, pip._internal.cli.main, pip._vendor.rich; print(*sys.version_info[:2])"
    if UNFINISHED.exists() or not PYTHON.exists():
        return False
    answer = subprocess.run([str(PYTHON), "-c", ask], capture_output=True, text=True, check=False)
    return answer.returncode == 0 and answer.stdout.split() == [str(part) for part in sys.version_info[:2]]


def create() -> None:
    if importlib.util.find_spec("venv") is None or importlib.util.find_spec("ensurepip") is None:
        sys.exit(NO_VENV)
    made = subprocess.run(
        [sys.executable, "-m", "venv", "--clear", str(VENV)], capture_output=True, text=True, check=False
    )
    if made.returncode != 0:
        say(made.stdout + made.stderr)
        sys.exit(NO_VENV if "ensurepip" in made.stdout + made.stderr else FAILED)


def pth() -> Path:
    """The one line that makes `compliance` importable: relative, so that the checkout may be moved."""
    version = "python{}.{}".format(*sys.version_info[:2])
    return VENV / "lib" / version / "site-packages" / "compliance-checkout.pth"


def install(name: str, door: int) -> None:
    """Install a locked set quietly; what pip has to say is shown only when it fails.

    Every hash is checked, and no dependency is looked up, because the set is complete. The project itself is not
    installed but pointed at: building it would need a build system from the network, without a hash.
    """
    command = [
        str(PYTHON),
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--no-input",
        "--no-deps",
    ]
    command += ["--require-hashes", "--requirement", str(ROOT / "requirements" / (name + ".txt"))]
    UNFINISHED.touch()
    done = subprocess.run(
        command,
        env={**os.environ, "PIP_USER": "0"},
        pass_fds=(door,),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    UNFINISHED.unlink()  # pip ended by itself: what it could not finish it has taken back
    if done.returncode != 0:
        say(done.stdout)
        sys.exit(FAILED)
    pth().write_text("../../../..\n", encoding="utf-8")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except KeyboardInterrupt:
        sys.exit(130)
