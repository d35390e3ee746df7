"""A process that ends at its n-th call on anything outside itself: books, journal, keys, store; before a commit, or after.

The engine is the real one and so is everything below it. Only the doors to the outside are watched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from compliance.bootstrap import Engine
from compliance.db.unit_of_work import SqlBooks, SqlUnitOfWork

BOOKS = frozenset(
    {"holdings", "marks", "counts", "ledger", "holds", "consents", "packs", "switches", "window_lock"}
)
DOORS = {
    "journal": ("append",),
    "keyring": (
        *("sealer", "unseal", "part_sealer", "unseal_part", "rewrap"),
        *("mac", "living_mac", "destroy"),
    ),
}
STORE = ("append", "replace", "fetch", "erase", "reseal", "sealed", "left", "lay", "clear")


class Killed(BaseException):
    """The process ends here. Nobody catches it: it is no error."""


class Fuse:
    """Burns down by one at every call, and ends the process at none. One that is too long counts the calls."""

    def __init__(self, calls: int) -> None:
        self.left, self.burnt = calls, 0

    def burn(self) -> None:
        if self.left == self.burnt:
            raise Killed
        self.burnt += 1

    def lay(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def watched(*given: Any, **named: Any) -> Any:
            self.burn()
            return call(*given, **named)

        return watched


class WatchedShelf:
    """One group of books, each of whose calls burns the fuse."""

    def __init__(self, shelf: Any, fuse: Fuse) -> None:
        self._shelf, self._fuse = shelf, fuse

    def __getattr__(self, name: str) -> Any:
        return self._fuse.lay(getattr(self._shelf, name))


class WatchedBooks(SqlBooks):
    fuse: Fuse

    def __getattribute__(self, name: str) -> Any:
        found = super().__getattribute__(name)
        if name not in BOOKS:
            return found
        fuse = super().__getattribute__("fuse")
        return fuse.lay(found) if callable(found) else WatchedShelf(found, fuse)


@contextmanager
def watched(engine: Engine, fuse: Fuse) -> Iterator[None]:
    """Within the block, every call of the engine to the outside burns the fuse."""
    books = engine.books
    assert isinstance(books, SqlUnitOfWork)
    whole = books.writing
    laid: list[tuple[Any, str]] = []

    @contextmanager
    def writing() -> Iterator[SqlBooks]:
        fuse.burn()
        with whole() as plain:
            seen = WatchedBooks(plain.connection)
            seen.fuse = fuse
            yield seen
            fuse.burn()  # everything is written, and nothing is committed
        fuse.burn()  # committed, and nobody has been told

    def lay(thing: Any, name: str, call: Any) -> None:
        object.__setattr__(thing, name, call)
        laid.append((thing, name))

    lay(books, "writing", writing)
    for part, names in DOORS.items():
        for name in names:
            lay(getattr(engine, part), name, fuse.lay(getattr(getattr(engine, part), name)))
    for store in engine.stores.values():
        for name in STORE:
            if hasattr(store, name):
                lay(store, name, fuse.lay(getattr(store, name)))
    try:
        yield
    finally:
        for thing, name in laid:
            object.__delattr__(thing, name)
