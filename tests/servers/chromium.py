"""Chromium as the distribution installs it, with the vendored font and no way to another host."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route, sync_playwright

FONTS = Path(__file__).parents[2] / "compliance" / "notices" / "fonts"
NAMES = ("chromium", "chromium-browser", "google-chrome")
HERE = frozenset({"127.0.0.1", "localhost", "::1", ""})


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of the browser. Without one the test is skipped, in CI it fails."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found:
        return found
    if os.environ.get("CI") == "true":
        pytest.fail("no Chromium: apt-get install chromium")
    pytest.skip("no Chromium: apt-get install chromium")


@pytest.fixture(scope="session")
def browser(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """One browser per test process. Headless Chromium draws boxes for Chinese unless it is shown a font."""
    folder = tmp_path_factory.mktemp("fontconfig")
    settings = folder / "fonts.conf"
    settings.write_text(
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>'
        f"<dir>{FONTS}</dir><dir>/usr/share/fonts</dir><cachedir>{folder}</cachedir></fontconfig>",
        encoding="utf-8",
    )
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=chromium,
            args=["--no-sandbox", "--disable-dev-shm-usage"],
            env={**os.environ, "FONTCONFIG_FILE": str(settings)},
        )
        yield running
        running.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page the size of a phone; a request to another host is refused and fails the test."""
    strangers: list[str] = []

    def let_through(route: Route) -> None:
        parts = urlsplit(route.request.url)
        if parts.scheme in {"http", "https", "ws", "wss"} and parts.hostname not in HERE:
            strangers.append(str(parts.hostname))
            route.abort()
        else:
            route.continue_()

    context = browser.new_context(locale="zh-CN", viewport={"width": 390, "height": 844})
    context.route("**/*", let_through)
    yield context.new_page()
    context.close()

    assert not strangers, f"the page asked other hosts: {sorted(set(strangers))}"
