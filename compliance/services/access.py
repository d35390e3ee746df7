"""Who may come in by which door: staff logins, and the API keys of other systems.

Passwords and keys are kept as digests only; the functions that make them are handed in, for the suites live elsewhere.
Who tries passwords is slowed down per login id, whether or not there is such an id.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Lock

from compliance.domain.errors import ConfigurationInvalid
from compliance.domain.submission import is_staff_id
from compliance.domain.vocabulary import Channel, Role
from compliance.ports import ApiKeyRow, Caller, Clock, Ids, StaffRow, UnitOfWork

LOGIN_ROLES = (Role.GUARD, Role.OFFICER, Role.DIRECTOR)
SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 200
KEY_PREFIX = "ck_"
# Five wrong passwords, then one try in half a minute: a guard who forgot is not locked out, a list of words is.
FREE_TRIES = 5
PAUSE = timedelta(seconds=30).total_seconds()
FORGIVEN_AFTER = timedelta(minutes=15).total_seconds()
MOST_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Hashes:
    """What is kept of a password (`phc`, checked by `matches`) and of an API key (`fingerprint`)."""

    phc: Callable[[str], str]
    matches: Callable[[str, str], bool]
    fingerprint: Callable[[str], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedKey:
    """A new API key. `secret` is shown once, and is nowhere afterwards."""

    id: str
    secret: str = field(repr=False)


class Access:
    def __init__(self, *, books: UnitOfWork, clock: Clock, ids: Ids, hashes: Hashes) -> None:
        self._books, self._clock, self._ids, self._hashes = books, clock, ids, hashes
        self._lock = Lock()
        self._failures: dict[
            str, tuple[int, float]
        ] = {}  # login id → (wrong tries, monotonic second of the last)
        self._nobody: str | None = None

    # -- staff ---------------------------------------------------------------------------------------------------

    def add_staff(self, id: str, role: Role, password: str) -> None:
        """Add a login, or give an existing one another role and password.

        Raises:
            ConfigurationInvalid: the id is not an opaque staff id, the role cannot log in, the password is too short.
        """
        if not is_staff_id(id):
            raise ConfigurationInvalid(
                "id: an opaque staff id such as staff-7, never a name. 用工号，不用姓名。"
            )
        if role not in LOGIN_ROLES:
            raise ConfigurationInvalid("role: guard, officer or director.")
        if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
            raise ConfigurationInvalid(f"password: at least {SHORTEST_PASSWORD} characters. 口令至少10位。")
        row = StaffRow(id=id, role=role.value, password=self._hashes.phc(password))
        with self._books.writing() as books:
            books.people.put_staff(row)

    def login(self, id: str, password: str) -> StaffRow | None:
        """The login these belong to; None for a wrong password, an unknown id, and whoever tries too fast."""
        if not self._may_try(id):
            return None
        row = self.staff(id)
        # Where there is no such login the password is compared with nobody's, so that both answers take the same time.
        self._nobody = self._nobody or self._hashes.phc(self._ids.secret(20))
        fits = len(password) <= LONGEST_PASSWORD and self._hashes.matches(
            password, row.password if row else self._nobody
        )
        if row is None or not fits:
            self._note_failure(id)
            return None
        with self._lock:
            self._failures.pop(id, None)
        return row

    def staff(self, id: str) -> StaffRow | None:
        """The login as it stands now: a session is only as good as this row."""
        if not is_staff_id(id):
            return None
        with self._books.reading() as books:
            return books.people.staff(id)

    def _may_try(self, id: str) -> bool:
        with self._lock:
            wrong, last = self._failures.get(id, (0, 0.0))
            return wrong < FREE_TRIES or self._clock.monotonic() - last >= PAUSE

    def _note_failure(self, id: str) -> None:
        now = self._clock.monotonic()
        with self._lock:
            wrong, last = self._failures.pop(id, (0, now))
            self._failures[id] = (1 if now - last > FORGIVEN_AFTER else wrong + 1, now)
            if len(self._failures) > MOST_REMEMBERED:
                self._failures.pop(next(iter(self._failures)))

    # -- other systems -------------------------------------------------------------------------------------------

    def issue_api_key(
        self, site: str, categories: Sequence[str] = (), channels: Sequence[Channel] = ()
    ) -> IssuedKey:
        """A key for one system. Empty scopes mean every category, every channel.

        Raises:
            ConfigurationInvalid: a category is no single word.
        """
        with self._books.reading() as books:
            known = {row.id for row in books.people.api_keys()}
        key_id = next(made for made in iter(lambda: f"key-{self._ids.secret(8)}", "") if made not in known)
        secret = KEY_PREFIX + self._ids.secret(40)
        row = ApiKeyRow(
            id=key_id,
            digest=self._hashes.fingerprint(secret),
            site=site,
            categories=" ".join(_words(categories)),
            channels=" ".join(Channel(channel).value for channel in channels),
        )
        with self._books.writing() as books:
            books.people.put_api_key(row)
        return IssuedKey(id=key_id, secret=secret)

    def revoke_api_key(self, key_id: str) -> None:
        """From now on nobody comes in with it; idempotent."""
        with self._books.writing() as books:
            books.people.revoke(key_id, self._clock.now().date().isoformat())

    def caller_for(self, secret: str) -> Caller | None:
        """Who holds this secret, and what they may write; None for whatever is no living key."""
        if not secret.startswith(KEY_PREFIX) or len(secret) > LONGEST_PASSWORD:
            return None
        with self._books.reading() as books:
            row = books.people.api_key(self._hashes.fingerprint(secret))
        if row is None:
            return None
        return Caller(
            id=row.id,
            site=row.site,
            categories=tuple(row.categories.split()),
            channels=tuple(Channel(word) for word in row.channels.split()),
        )


def _words(categories: Sequence[str]) -> list[str]:
    if any(not name or name.split() != [name] for name in categories):
        raise ConfigurationInvalid("categories: names without spaces.")
    return list(categories)
