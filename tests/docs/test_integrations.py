"""The integrations are ten lines each, run as they stand, and the guide shows them as they are."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import runpy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog

from compliance.bootstrap import Engine
from compliance.guards.orm import ModelGuard
from tests.cli.test_wrong_input import ran
from tests.docs.pages import ROOT
from tests.web.conftest import an_engine, served

FOLDER = ROOT / "examples" / "integrations"
FILES = sorted(path.name for path in FOLDER.glob("*.py"))
GUIDE = (ROOT / "docs" / "guides" / "integrator.md").read_text(encoding="utf-8")
MOST_LINES = 10
VISIT = {"name": "李女士", "room": "3-1-1201", "read_out_by": "staff-7", "consent": "spoken"}
REFUSED = VISIT | {"id_number": "100000197304041270"}
SENTENCE = "我们不登记身份证号，请删去这一项，其他照常登记。"


def part(name: str) -> str:
    """What an integrator adds: what stands between the marks."""
    text = (FOLDER / name).read_text(encoding="utf-8")
    (found,) = re.findall(r"^# -- integration\n(.*?)\n*^# -- end$", text, re.MULTILINE | re.DOTALL)
    return str(found).strip("\n")


@pytest.mark.parametrize("name", FILES)
def test_an_integration_is_ten_lines_of_code(name: str) -> None:
    lines = [line for line in part(name).splitlines() if line.strip()]

    assert 0 < len(lines) <= MOST_LINES


@pytest.mark.parametrize("name", FILES)
def test_the_guide_shows_it_word_for_word(name: str) -> None:
    assert f"<!-- example: {name} -->\n```python\n{part(name)}\n```\n" in GUIDE


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    an_engine(tmp_path).close()
    monkeypatch.setenv("COMPLIANCE_HOME", str(tmp_path))
    return tmp_path


def printed(capsys: Any) -> list[str]:
    """What an example prints, without what the server says of itself meanwhile."""
    return [line for line in capsys.readouterr().out.splitlines() if "[info" not in line]


def run(name: str, *, main: bool = True) -> dict[str, Any]:
    return runpy.run_path(str(FOLDER / name), run_name="__main__" if main else "example")


def test_the_python_call_registers_refuses_and_takes_many(home: Path, capsys: Any) -> None:
    run("python_call.py")

    code, refused, record, other = printed(capsys)
    assert len(code) == 12
    assert refused == SENTENCE
    assert record
    assert "请" in other or "不" in other


def test_the_asgi_application_answers_with_the_receipt(home: Path) -> None:
    guarded = run("asgi_app.py")["guarded"]

    async def ask(visit: dict[str, str]) -> httpx.Response:
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(guarded), base_url="http://shop"
        ) as client:
            return await client.post("/visits", json=visit)

    assert asyncio.run(ask(VISIT)).json()["record"]
    assert asyncio.run(ask(REFUSED)).json()["reasons"][0]["zh"] == SENTENCE


def test_the_wsgi_application_keeps_only_what_was_admitted(home: Path) -> None:
    ran_ = run("wsgi_app.py", main=False)
    with httpx.Client(transport=httpx.WSGITransport(ran_["guarded"]), base_url="http://shop") as client:
        assert client.post("/visits", json=VISIT).text == "已登记"
        assert client.post("/visits", json=REFUSED).status_code == 422

    assert ran_["KEPT"] == [{"name": "李女士", "room": "3-1-1201"}]


def test_the_mapped_class_refuses_before_it_is_written(home: Path, capsys: Any) -> None:
    guard = run("orm_model.py")["guard"]
    assert isinstance(guard, ModelGuard)
    guard.remove()

    assert "请" in capsys.readouterr().out


def test_the_log_carries_no_number(capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logging.root, "handlers", [])
    monkeypatch.setattr(logging.root, "level", logging.root.level)
    run("logs.py")
    said = capsys.readouterr()
    structlog.reset_defaults()

    assert "call 〔mobile〕 back" in said.err
    assert json.loads(said.out)["phone"] == "〔mobile〕"
    assert "19400000001" not in said.err + said.out


class TestOverHttp:
    @pytest.fixture
    def engine(self, tmp_path: Path) -> Iterator[Engine]:
        with an_engine(tmp_path) as engine:
            yield engine

    @pytest.fixture(autouse=True)
    def _server(self, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        from compliance.web.app import create_app

        for name in ("http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.delenv(name, raising=False)
            monkeypatch.delenv(name.upper(), raising=False)
        with served(create_app(engine)) as address:
            monkeypatch.setenv("ADDRESS", address)
            yield

    def key(self, engine: Engine, monkeypatch: pytest.MonkeyPatch, **scope: Any) -> None:
        monkeypatch.setenv("KEY", engine.access.issue_api_key("main", **scope).secret)

    def test_a_single_visit_gets_a_pass_code_or_a_sentence(
        self, engine: Engine, monkeypatch: pytest.MonkeyPatch, capsys: Any
    ) -> None:
        self.key(engine, monkeypatch, categories=("visitor",))
        run("http_single.py")

        code, refused = printed(capsys)
        assert re.fullmatch(r"(\w{4}-){2}\w{4}", code)
        assert refused == SENTENCE

    def test_a_batch_gets_a_verdict_a_line(
        self, engine: Engine, monkeypatch: pytest.MonkeyPatch, capsys: Any
    ) -> None:
        self.key(engine, monkeypatch, categories=("vehicle",), channels=("lpr",))
        for _ in range(2):  # the whole batch again stores nothing twice
            run("http_batch.py")

        lines = printed(capsys)
        assert [line.split()[:2] for line in lines[:3]] == [
            ["1", "admitted"],
            ["2", "refused"],
            ["3", "admitted"],
        ]

    def test_a_kiosk_draws_its_form(
        self, engine: Engine, monkeypatch: pytest.MonkeyPatch, capsys: Any
    ) -> None:
        self.key(engine, monkeypatch, categories=("visitor",), channels=("kiosk",))
        run("kiosk_form.py")

        drawn = capsys.readouterr().out
        assert drawn.index("示例物业服务有限公司") < drawn.index("<form>")
        assert '<label for="visitor_name">姓名*</label>' in drawn
        assert "（可不填）" in drawn
        assert "<option>商务</option>" in drawn
        assert "entry_time" not in drawn


def test_the_list_is_imported_and_comes_back_to_be_corrected(tmp_path: Path) -> None:
    home, again = tmp_path / "home", tmp_path / "again.csv"
    pack = str(ROOT / "compliance" / "policies" / "residential")
    assert (
        ran(home, "policy", "publish", pack, "--by", "staff-1", "--at", "2026-03-01T08:00+08:00").returncode
        == 0
    )
    words = ["gate", "write", str(FOLDER / "cars.csv"), "--mapping", str(FOLDER / "cars.yaml"), "--quiet"]

    answer = ran(home, *words, "--refusals", str(again), "--at", "2026-03-02T12:00+08:00")

    assert "1 admitted" in answer.stderr
    assert "2 refused" in answer.stderr
    assert [line.split(",")[0] for line in again.read_text("utf-8-sig").splitlines()[1:]] == [
        "京A0",
        "京A00003",
    ]
