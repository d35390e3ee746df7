"""Who may come in by which door."""

from __future__ import annotations

from typing import NamedTuple, Protocol


class StaffRow(NamedTuple):
    """A login: an opaque id, a role, and the password's PHC string."""

    id: str
    role: str
    password: str


class ApiKeyRow(NamedTuple):
    """An API key as its digest; empty scopes mean all."""

    id: str
    digest: bytes
    site: str
    categories: str  # space-separated
    channels: str


class People(Protocol):
    def staff(self, staff_id: str) -> StaffRow | None: ...

    def put_staff(self, row: StaffRow) -> None: ...

    def api_key(self, digest: bytes) -> ApiKeyRow | None: ...

    def api_keys(self) -> list[ApiKeyRow]: ...

    def put_api_key(self, row: ApiKeyRow) -> None: ...

    def revoke(self, key_id: str, day: str) -> None: ...
