"""The guides say what happens: every block of the integrator's is run, every sentence of the guard's is really said."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from compliance.bootstrap import Engine
from compliance.domain.consent import NO_CHILDREN, NO_SUCH_PASS
from compliance.domain.errors import GateClosed
from compliance.domain.reasons import reason
from compliance.domain.vocabulary import ReasonCode
from compliance.services.evidence import SHOWN_TO_ANOTHER
from compliance.web.desk_late import NOT_ON_SHIFT
from compliance.web.faults import fault_of_error
from tests.web.conftest import SteppingClock, a_submission, an_engine

GUIDES = Path(__file__).parents[2] / "docs" / "guides"
INTEGRATOR = (GUIDES / "integrator.md").read_text(encoding="utf-8")
GUARD = (GUIDES / "guard.md").read_text(encoding="utf-8")
BLOCKS: list[tuple[str, str]] = re.findall(r"<!-- ([^>]+?) -->\n```\w+\n(.*?)```", INTEGRATOR, re.DOTALL)
CURLS = [(mark.removeprefix("curl: "), text) for mark, text in BLOCKS if mark.startswith("curl: ")]


def block(mark: str) -> str:
    (found,) = [text for name, text in BLOCKS if name == mark]
    return found


def run_curl(command: str, **filled: str) -> httpx.Response:
    """The command as curl would send it: -X, -H, -d and --data-binary."""
    for name, value in filled.items():
        command = command.replace(f"${name}", value)
    words = iter(shlex.split(command)[1:])
    method, headers, body, url = "", {}, None, ""
    for word in words:
        if word == "-X":
            method = next(words)
        elif word == "-H":
            name, _, value = next(words).partition(": ")
            headers[name] = value
        elif word in ("-d", "--data-binary"):
            body = next(words).encode()
        else:
            url = word
    return httpx.request(
        method or ("POST" if body else "GET"), url, headers=headers, content=body, trust_env=False
    )


@pytest.mark.parametrize(("expected", "command"), CURLS)
def test_every_command_of_the_integrators_guide_answers_as_it_says(
    expected: str, command: str, address: str, secret: str, system: httpx.Client, clock: SteppingClock
) -> None:
    record = system.post("/v1/records/visitor", json=a_submission()).json()["record"]
    now = (clock.now() + timedelta(seconds=2)).isoformat(timespec="seconds")

    answer = run_curl(command, KEY=secret, ADDRESS=address, RECORD=record, NOW=now)

    assert answer.status_code == int(expected.split(maxsplit=1)[0]), answer.text
    if expected == "422":
        said = json.loads(block("answer"))["reasons"]
        assert [{**one, "en": "..."} for one in answer.json()["reasons"]] == said
    if "ask" in expected:
        assert set(answer.json()) == set(json.loads(block("answer ask")))
    if "ndjson" in expected:
        printed = [json.loads(line) for line in block("answer ndjson").splitlines()]
        heard = [json.loads(line) for line in answer.text.splitlines()]
        assert [(one["line"], one["verdict"]) for one in heard] == [
            (one["line"], one["verdict"]) for one in printed
        ]
        assert [set(one) for one in heard] == [set(one) for one in printed]
        assert heard[1]["reasons"][0]["field"] == printed[1]["reasons"][0]["field"]


def test_the_python_of_the_integrators_guide_prints_a_record(tmp_path: Path) -> None:
    an_engine(tmp_path).close()

    ran = subprocess.run(
        [sys.executable, "-c", block("python")],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
        env={**os.environ, "COMPLIANCE_HOME": str(tmp_path)},
    )

    assert ran.returncode == 0, ran.stderr
    assert "gone by" in ran.stdout


def test_every_sentence_of_the_guards_guide_is_one_that_the_desk_says(engine: Engine) -> None:
    pack = engine.active_pack()
    said = {one.say.zh for one in pack.never.values()}
    said |= {
        text.zh
        for policy in pack.categories.values()
        for rule in policy.fields.values()
        for text in rule.say.values()
    }
    said |= {reason(code).zh for code in ReasonCode}
    said |= {
        fault_of_error(GateClosed()).zh,
        NOT_ON_SHIFT[0],
        NO_CHILDREN[0],
        SHOWN_TO_ANOTHER[0],
        NO_SUCH_PASS[0],
    }
    table = re.findall(r"^\| (.+?) \| .+ \|$", GUARD, re.MULTILINE)[2:]

    assert len(table) >= 5
    assert set(table) <= said


def test_every_button_of_the_guards_guide_is_on_a_page() -> None:
    web = Path(__file__).parents[2] / "compliance" / "web"
    drawn = [*(web / "templates").rglob("*.html"), *(web / "assets").glob("desk*.js")]
    pages = "".join(path.read_text(encoding="utf-8") for path in drawn)

    named = {word.removesuffix("……") for word in re.findall("「(.+?)」", GUARD)}

    assert named
    assert {word for word in named if word.split("改为")[0] not in pages} == set()
