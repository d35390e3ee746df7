"""A real server on a free port over a real SQLite home, with the shipped policies in force."""

from __future__ import annotations

import shutil
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from compliance.bootstrap import SCRATCH, Engine, bootstrap
from compliance.config import Settings
from compliance.domain.vocabulary import Role
from compliance.policies.loader import load, read_files, shipped
from compliance.running.pages import Pages
from compliance.web.app import create_app
from compliance.web.rates import Rates

PASSWORD = "correct horse battery"


class SteppingClock:
    """Real time, moved by as much as a test says."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def monotonic(self) -> float:
        return time.monotonic() + self.ahead.total_seconds()

    def boot(self) -> str:
        return ""


def an_engine(home: Path, clock: SteppingClock | None = None, *, public_url: str = "") -> Engine:
    engine = bootstrap(Settings(home=home), kind=SCRATCH, clock=clock)
    folder = shipped("residential")
    if public_url:
        copied = home.parent / "pack"
        shutil.copytree(folder, copied)
        site = copied / "site.yaml"
        site.write_text(
            site.read_text(encoding="utf-8").replace("public_url: ''", f"public_url: '{public_url}'"),
            encoding="utf-8",
        )
        folder = copied
    engine.publishing.publish(load(folder), read_files(folder), "staff-1")
    engine.access.add_staff("staff-7", Role.GUARD, PASSWORD)
    engine.access.add_staff("staff-9", Role.OFFICER, PASSWORD)
    engine.access.add_staff("staff-1", Role.DIRECTOR, PASSWORD)
    return engine


@contextmanager
def served(app: FastAPI, most: int | None = None) -> Iterator[str]:
    """The application behind the product's own server, with places for `most` connections; the address of it."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        pages = Pages(app.state.engine, door, app=app, most=most)
        assert pages.start(threading.Event())
        yield f"http://127.0.0.1:{door.getsockname()[1]}"
        pages.stop()
        pages.join()


@pytest.fixture(scope="module")
def clock() -> SteppingClock:
    return SteppingClock()


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory, clock: SteppingClock) -> Iterator[Engine]:
    with an_engine(tmp_path_factory.mktemp("home"), clock) as engine:
        yield engine


@pytest.fixture(scope="module")
def app(engine: Engine) -> FastAPI:
    """The tests come from one address, and faster than people."""
    return create_app(engine, rates=Rates(login="10000/minute", subject="10000/minute", ask="10000/minute"))


@pytest.fixture(scope="module")
def address(app: FastAPI) -> Iterator[str]:
    with served(app) as address:
        yield address


@pytest.fixture
def anybody(address: str) -> Iterator[httpx.Client]:
    """A client without key or login."""
    with httpx.Client(base_url=address, trust_env=False, timeout=30) as client:
        yield client


@pytest.fixture
def phone(address: str) -> Iterator[httpx.Client]:
    """What a subject has in hand: no login, and led on from page to page."""
    with httpx.Client(base_url=address, trust_env=False, timeout=30, follow_redirects=True) as client:
        yield client


@pytest.fixture(scope="module")
def secret(engine: Engine) -> str:
    return engine.access.issue_api_key("main").secret


@pytest.fixture
def system(address: str, secret: str) -> Iterator[httpx.Client]:
    """Another system, with a key for everything."""
    headers = {"authorization": f"Bearer {secret}"}
    with httpx.Client(base_url=address, headers=headers, trust_env=False, timeout=30) as client:
        yield client


@pytest.fixture
def guard(address: str) -> Iterator[httpx.Client]:
    with logged_in(address, "staff-7") as client:
        yield client


@pytest.fixture
def officer(address: str) -> Iterator[httpx.Client]:
    with logged_in(address, "staff-9") as client:
        client.follow_redirects = True
        yield client


@pytest.fixture
def director(address: str) -> Iterator[httpx.Client]:
    with logged_in(address, "staff-1") as client:
        client.follow_redirects = True
        yield client


@contextmanager
def logged_in(address: str, staff_id: str, *, secure: bool = False) -> Iterator[httpx.Client]:
    """A member of staff at a page. `secure` sends cookies that are meant for https, as a proxy in front would."""
    with httpx.Client(base_url=address, trust_env=False, timeout=30) as client:
        client.get("/login")
        if secure:
            _keep_cookies(client)
        sent = {"id": staff_id, "password": PASSWORD, "csrftoken": client.cookies["csrftoken"]}
        assert client.post("/login", data=sent).status_code == 303
        if secure:
            _keep_cookies(client)
        yield client


def _keep_cookies(client: httpx.Client) -> None:
    for cookie in client.cookies.jar:
        cookie.secure = False


def a_submission(**changed: Any) -> dict[str, Any]:
    """A visitor whom a guard registered at the desk; fictional, and valid unless a keyword changes it."""
    return {
        "channel": "desk",
        "fields": {"visitor_name": "李女士", "host_room": "3-1-1201", "visit_purpose": "探亲访友"},
        "notice": {"mode": "oral", "by": "staff-7"},
        "consent": [{"kind": "plain", "by": "self", "act": "spoken"}],
        **changed,
    }
