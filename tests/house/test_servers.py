"""The servers that other tests rely on are what they claim to be."""

import os
import socket

import psycopg
import pytest
import redis
from playwright.sync_api import Page
from sqlalchemy import create_engine, text

from tests.servers.sockets import NotThisMachine


def test_valkey_is_real_and_answers(valkey_url: str) -> None:
    with redis.Redis.from_url(valkey_url) as client:
        assert "valkey_version" in client.info("server")


def test_postgres_is_real_and_each_test_gets_an_empty_database(postgres_database: str) -> None:
    engine = create_engine(postgres_database)
    with engine.connect() as connection:
        assert str(connection.scalar(text("SHOW server_version"))).startswith("18")
        assert connection.scalar(text("SELECT count(*) FROM pg_stat_user_tables")) == 0
        connection.execute(text("CREATE TABLE left_behind (n int)"))
        connection.commit()
    engine.dispose()


def test_a_postgres_database_goes_even_while_somebody_is_connected(
    postgres_url: str, postgres_database: str
) -> None:
    still_connected = psycopg.connect(postgres_database.replace("+psycopg", ""))
    assert still_connected.execute("SELECT 1").fetchone() == (1,)
    still_connected.close()


@pytest.mark.parametrize("address", [("192.0.2.1", 80), ("example.org", 443)])
def test_another_machine_cannot_be_reached(address: tuple[str, int]) -> None:
    with socket.socket() as outgoing, pytest.raises(NotThisMachine):
        outgoing.connect(address)


def test_a_developers_settings_do_not_reach_a_test() -> None:
    assert not [
        name
        for name in os.environ
        if name.startswith("COMPLIANCE_") and "TEST" not in name and "SKIP" not in name
    ]


def test_the_browser_draws_a_chinese_name_in_the_vendored_font(page: Page) -> None:
    page.set_content("<h1>访客龘</h1>")
    inspector = page.context.new_cdp_session(page)
    inspector.send("DOM.enable")
    inspector.send("CSS.enable")
    root = inspector.send("DOM.getDocument")["root"]["nodeId"]
    heading = inspector.send("DOM.querySelector", {"nodeId": root, "selector": "h1"})["nodeId"]
    drawn_in = inspector.send("CSS.getPlatformFontsForNode", {"nodeId": heading})["fonts"]

    assert {font["familyName"] for font in drawn_in} == {"Noto Sans SC"}
