"""A house to ask things of: the real engine on a real SQLite file, a clock that is moved by hand, a list for messages."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from compliance.bootstrap import SCRATCH, Engine, bootstrap
from compliance.config import Settings
from compliance.policies.loader import load, read_files, shipped
from compliance.ports import HoldRow, Receipt
from compliance.services.requests import Requests
from compliance.services.transports import ListTransport
from tests.builders import MOBILE, MovedClock

UNKNOWN = "19400009999"
NAME = "欧阳测试"
ROOM = "3-1-1201"


@dataclass(frozen=True, kw_only=True)
class House:
    home: Path
    engine: Engine
    clock: MovedClock
    messages: ListTransport

    @property
    def requests(self) -> Requests:
        return self.engine.requests

    def register(self, mobile: str = MOBILE) -> Receipt:
        return self.engine.gate.write(
            {
                "category": "visitor",
                "channel": "miniapp",
                "fields": {
                    "visitor_name": NAME,
                    "visitor_phone": mobile,
                    "host_room": ROOM,
                    "host_confirm": "已确认",
                },
                "notice": {"mode": "screen", "id": self.engine.notice_ids.issue("visitor", 1)},
                "consent": [{"kind": "plain", "by": "self", "act": "tap"}],
            }
        )

    def deliver(self) -> int:
        return self.engine.outbox.deliver(self.messages)

    def last_code(self) -> str:
        codes = [
            found[1] for kind, _, body in self.messages.sent if (found := re.search(r"验证码(\d{6})", body))
        ]
        return codes[-1]

    def hold(self, **scope: str) -> str:
        return self.engine.holds.place(
            ground="R8",
            document="协查〔2026〕1号",
            law_ref="刑事诉讼法 54",
            until=(self.clock.now() + timedelta(days=60)).date(),
            by="staff-7",
            **scope,
        )

    def standing(self) -> list[HoldRow]:
        return self.engine.holds.standing()

    def sealed_parts(self) -> int:
        """Every envelope in the vault, counted in the file itself."""
        from sqlalchemy import func, select

        from compliance.db.tables import vault
        from compliance.db.unit_of_work import SqlBooks

        with self.engine.books.reading() as books:
            assert isinstance(books, SqlBooks)
            return int(books.connection.scalar(select(func.count()).select_from(vault)) or 0)

    def bytes_at_rest(self) -> bytes:
        """Everything under the home folder: database, write-ahead log, journal, keys."""
        return b"".join(path.read_bytes() for path in sorted(self.home.rglob("*")) if path.is_file())

    def keys(self, prefix: str) -> list[str]:
        return self.engine.keyring.names(prefix)


@contextmanager
def a_house(home: Path, database: str = "") -> Iterator[House]:
    clock = MovedClock()
    with bootstrap(Settings(home=home, database=database), kind=SCRATCH, clock=clock) as engine:
        folder = shipped("residential")
        engine.publishing.publish(load(folder), read_files(folder), "staff-1")
        yield House(home=home, engine=engine, clock=clock, messages=ListTransport())
