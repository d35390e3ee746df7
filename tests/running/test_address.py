"""Where the pages are reached, and what is said when they cannot be."""

import socket

import pytest

from compliance.domain.errors import ConfigurationInvalid
from compliance.running.address import is_loopback, listen, parse_bind, url


def test_an_address_is_a_host_and_a_port() -> None:
    assert parse_bind("127.0.0.1:8437") == ("127.0.0.1", 8437)
    assert parse_bind("[::1]:8437") == ("::1", 8437)


@pytest.mark.parametrize("wrong", ["8437", ":8437", "127.0.0.1", "127.0.0.1:", "127.0.0.1:http", "a:65536"])
def test_anything_else_is_refused(wrong: str) -> None:
    with pytest.raises(ConfigurationInvalid, match="COMPLIANCE_BIND"):
        parse_bind(wrong)


def test_loopback_is_what_no_other_machine_reaches() -> None:
    assert all(is_loopback(host) for host in ("127.0.0.1", "127.9.9.9", "::1", "localhost"))
    assert not any(is_loopback(host) for host in ("0.0.0.0", "192.0.2.1", "::", "gate.example.com"))


def test_a_taken_port_is_said_by_name() -> None:
    with listen("127.0.0.1:0") as first:
        taken = url(first).removeprefix("http://")
        with pytest.raises(ConfigurationInvalid, match=r"taken.*COMPLIANCE_BIND"), listen(taken):
            pass


def test_the_address_is_held_from_then_on() -> None:
    with listen("127.0.0.1:0") as door, socket.create_connection(door.getsockname(), timeout=2):
        assert url(door) == f"http://127.0.0.1:{door.getsockname()[1]}"
