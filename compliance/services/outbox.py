"""Messages to people. Written in the act's own transaction, sealed, sent at most once, destroyed on sending.

Of two evils we take the lost message: a request can be looked up, and a new code asked for, but a second text message
with a code that nobody asked for teaches people to trust such messages.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from compliance.domain.errors import KeyLost
from compliance.ports import Books, Clock, Ids, Keyring, OutboxRow, Transport, UnitOfWork

AT_ONCE = 500
#: A deliverer that has said nothing for this long has died; whether it had sent the message, nobody knows.
UNREPORTED_AFTER = timedelta(minutes=10)
#: A key is made before its row is committed; only one this old without a row was left by a crash.
ORPHANED_AFTER = timedelta(days=2)
_PREFIX = "outbox/"


class SealedOutbox:
    """Implements `Outbox`, and delivers."""

    def __init__(self, *, books: UnitOfWork, keyring: Keyring, ids: Ids, clock: Clock) -> None:
        self._books, self._keyring, self._ids, self._clock = books, keyring, ids, clock

    def post(
        self, books: Books, *, key: str, kind: str, destination: str, body: str, useful_for: timedelta
    ) -> None:
        """Leave a message in the caller's transaction; the same key a second time is no second message."""
        if books.outbox.has(key):
            return
        now = self._clock.now()
        message_id = f"{now:%y%m%d}{self._ids.secret(16)}"
        content = json.dumps({"destination": destination, "body": body}).encode()
        books.outbox.add(
            OutboxRow(
                id=message_id,
                key=key,
                kind=kind,
                envelope=self._keyring.sealer(_PREFIX + message_id)(content, _bound(message_id, key)),
                made_at=int(now.timestamp()),
                until=int((now + useful_for).timestamp()),
                claimed_at=0,
                failures=0,
            )
        )

    def deliver(self, transport: Transport) -> int:
        """Send what waits; returns how many were sent. What a transport refuses waits for the next time."""
        self.clear()
        with self._books.reading() as books:
            waiting = books.outbox.waiting(AT_ONCE)
        return sum(self._deliver(message_id, transport) for message_id in waiting)

    def clear(self) -> int:
        """Destroy what is of no use any more, what was never reported, and keys that a crash left without a row."""
        now = self._clock.now()
        claimed_before = int((now - UNREPORTED_AFTER).timestamp())
        with self._books.writing() as books:
            over = books.outbox.over(int(now.timestamp()), claimed_before)
            books.outbox.drop(over)
            kept = set(books.outbox.ids())
        for message_id in over:
            self._keyring.destroy(_PREFIX + message_id)
        for name in self._keyring.names(_PREFIX):
            message_id = name.removeprefix(_PREFIX)
            if message_id not in kept and made_before(message_id, now - ORPHANED_AFTER):
                self._keyring.destroy(name)
        return len(over)

    def _deliver(self, message_id: str, transport: Transport) -> bool:
        row = self._take(message_id)
        if row is None:
            return False
        try:
            opened = self._keyring.unseal(_PREFIX + row.id, row.envelope, _bound(row.id, row.key))
        except KeyLost:
            self._forget(row.id)
            return False
        message = json.loads(opened)
        try:
            transport.send(
                key=row.key, kind=row.kind, destination=message["destination"], body=message["body"]
            )
        except Exception:  # noqa: BLE001  a carrier raises what it likes; its text may hold the destination
            with self._books.writing() as books:
                books.outbox.save(row._replace(claimed_at=0, failures=row.failures + 1))
            return False
        self._forget(row.id)
        return True

    def _take(self, message_id: str) -> OutboxRow | None:
        """Claim one message and commit that before it is sent: a killed deliverer leaves it claimed, never doubled."""
        now = int(self._clock.now().timestamp())
        with self._books.writing() as books:
            row = books.outbox.claim(message_id)
            if row is None or row.claimed_at:
                return None
            books.outbox.save(row._replace(claimed_at=now))
        return row

    def _forget(self, message_id: str) -> None:
        with self._books.writing() as books:
            books.outbox.drop([message_id])
        self._keyring.destroy(_PREFIX + message_id)


def made_before(dated_id: str, moment: datetime) -> bool:
    """Whether an id that begins with its day (yymmdd) was made before the day of `moment`."""
    return dated_id[:6] < f"{moment:%y%m%d}"


def _bound(message_id: str, key: str) -> bytes:
    return f"outbox/{message_id}/{key}".encode()
