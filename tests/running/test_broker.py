"""The embedded broker: found again after its parent was killed, deaf to Ctrl-C, gone when it is told to go."""

import os
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from compliance.domain.errors import ConfigurationInvalid
from compliance.running.broker import EmbeddedBroker


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    EmbeddedBroker(tmp_path).stop()


def pid_of(home: Path) -> int:
    return int((home / "broker" / "valkey.pid").read_text())


def gone(pid: int) -> bool:
    for _ in range(400):
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except OSError:
            return True
        time.sleep(0.05)
    return False


def client_of(broker: EmbeddedBroker) -> Redis:
    return Redis(unix_socket_path=str(broker._socket), decode_responses=True)


def test_what_is_on_its_way_survives_a_restart(home: Path) -> None:
    first = EmbeddedBroker(home)
    first.start()
    with client_of(first) as client:
        client.lpush("retention", "wake up")
        assert client.config_get("append*")["appendonly"] == "yes"
    first.stop()
    second = EmbeddedBroker(home)
    second.start()
    with client_of(second) as client:
        assert client.lrange("retention", 0, -1) == ["wake up"]
    assert not second.adopted


def test_a_server_that_a_killed_parent_left_is_adopted_and_ended(home: Path) -> None:
    orphaned = EmbeddedBroker(home)
    orphaned.start()
    pid = pid_of(home)
    heir = EmbeddedBroker(home)
    heir.start()
    assert heir.adopted
    assert pid_of(home) == pid
    heir.stop()
    assert gone(pid)


def test_a_server_that_is_stuck_is_replaced_at_the_start(home: Path) -> None:
    stuck = EmbeddedBroker(home)
    stuck.start()
    pid = pid_of(home)
    os.kill(pid, signal.SIGSTOP)
    heir = EmbeddedBroker(home)
    heir.start()
    assert not heir.adopted
    assert heir.answers()
    assert gone(pid)


def test_a_server_that_died_is_started_again(home: Path) -> None:
    broker = EmbeddedBroker(home)
    broker.start()
    assert not broker.ensure()
    pid = pid_of(home)
    os.kill(pid, signal.SIGKILL)
    assert gone(pid)
    assert broker.ensure()
    assert broker.answers()


def test_a_server_that_is_only_busy_is_left_alone(home: Path) -> None:
    broker = EmbeddedBroker(home)
    broker.start()
    pid = pid_of(home)
    os.kill(pid, signal.SIGSTOP)
    assert not broker.ensure()
    os.kill(pid, signal.SIGCONT)
    assert not broker.ensure()
    assert pid_of(home) == pid


def test_ctrl_c_does_not_reach_the_server(home: Path) -> None:
    broker = EmbeddedBroker(home)
    broker.start()
    os.kill(pid_of(home), signal.SIGINT)
    time.sleep(0.3)
    assert broker.answers()


def test_nobody_else_can_open_its_socket(home: Path) -> None:
    broker = EmbeddedBroker(home)
    broker.start()
    assert broker._socket.stat().st_mode & 0o077 == 0
    with client_of(broker) as client:
        assert client.config_get("port")["port"] == "0"


def test_a_home_deep_down_the_tree_gets_a_socket_that_fits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "gettempdir", lambda: "/tmp")
    deep = tmp_path / ("社区" * 20) / "home"
    broker = EmbeddedBroker(deep)
    broker.start()
    assert broker.answers()
    assert len(os.fsencode(broker._socket)) < 100
    broker.stop()
    broker._socket.parent.rmdir()


def test_a_server_that_cannot_start_says_where_to_look(home: Path) -> None:
    (home / "broker").mkdir()
    (home / "broker" / "appendonlydir").write_text("not a folder")
    with pytest.raises(ConfigurationInvalid, match=r"valkey\.log"):
        EmbeddedBroker(home).start()
