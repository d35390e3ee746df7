"""Carriers of messages. The console is for development: it shows the message, and where it goes only masked."""

from __future__ import annotations

from collections.abc import Callable

from compliance.domain.policy import Text
from compliance.domain.vocabulary import FieldType

KINDS = {
    "code": Text(zh="验证码短信", en="one-time code"),
    "outcome": Text(zh="办结短信", en="outcome"),
}


class ConsoleTransport:
    """Implements `Transport` with a line of text. `mask` is the anonymisers' own, by field type."""

    def __init__(self, write: Callable[[str], object], mask: Callable[[str, str], str]) -> None:
        self._write, self._mask = write, mask

    def send(self, *, key: str, kind: str, destination: str, body: str) -> None:
        label = KINDS[kind].zh if kind in KINDS else kind
        self._write(f"{label} → {self._mask(FieldType.MOBILE.value, destination)}：{body}")


class ListTransport:
    """Implements `Transport` for tests and demonstrations: keeps what was sent in memory and nowhere else."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str, str]] = []

    def send(self, *, key: str, kind: str, destination: str, body: str) -> None:
        self.sent.append((kind, destination, body))
