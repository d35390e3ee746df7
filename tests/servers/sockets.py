"""A test that reaches another machine fails: this runs on intranets, and nothing may depend on the internet."""

import ipaddress
import socket
from collections.abc import Callable
from typing import Any


class NotThisMachine(OSError):
    """A test tried to reach another machine."""


def is_here(address: object) -> bool:
    if not isinstance(address, tuple):
        return True  # a Unix socket's path
    host = str(address[0])
    if host in {"localhost", ""}:
        return True
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False  # a name: looking it up would already leave this machine


def guarded(name: str) -> Callable[..., Any]:
    original = getattr(socket.socket, name)

    def attempt(self: socket.socket, *arguments: Any) -> Any:
        internet = self.family in {socket.AF_INET, socket.AF_INET6}
        if internet and not is_here(arguments[-1]):
            raise NotThisMachine(NotThisMachine.__doc__)
        return original(self, *arguments)

    return attempt


for method in ("connect", "connect_ex", "sendto"):
    setattr(socket.socket, method, guarded(method))
