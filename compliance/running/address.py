"""Where the pages are reached. A port that is taken is said, never silently replaced: people have it in bookmarks."""

from __future__ import annotations

import errno
import ipaddress
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from compliance.domain.errors import ConfigurationInvalid


def parse_bind(bind: str) -> tuple[str, int]:
    """Read ``127.0.0.1:8437`` or ``[::1]:8437``; raises ConfigurationInvalid for anything else."""
    host, _, port = bind.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65535:
        raise ConfigurationInvalid("COMPLIANCE_BIND is host:port, such as 127.0.0.1:8437. 格式为 地址:端口。")
    return host.removeprefix("[").removesuffix("]"), int(port)


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@contextmanager
def listen(bind: str) -> Iterator[socket.socket]:
    """A socket that holds the address from now on.

    Raises:
        ConfigurationInvalid: somebody else has it, or it is none of this machine's.
    """
    host, port = parse_bind(bind)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as door:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            door.bind((host, port))
            # Listening now, and not when the pages are ready, keeps a second `up` from taking the same address.
            door.listen(128)
        except OSError as failure:
            raise ConfigurationInvalid(_why(failure, bind)) from None
        yield door


def url(door: socket.socket) -> str:
    """The address as one types it into a browser."""
    host, port = door.getsockname()[:2]
    if host in {"0.0.0.0", "::"}:
        host = "127.0.0.1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _why(failure: OSError, bind: str) -> str:
    if failure.errno == errno.EADDRINUSE:
        return f"{bind} 已被占用：请关闭占用它的程序，或设置 COMPLIANCE_BIND=127.0.0.1:其他端口。{bind} is taken: end what has it, or set COMPLIANCE_BIND."
    return f"不能监听 {bind}，请检查 COMPLIANCE_BIND。Cannot listen on {bind}; check COMPLIANCE_BIND."
