"""The keyring of one host: a folder of its own, one file per key, outside the database and its backups."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import Final

from compliance.domain.errors import ComplianceError, KeyLost
from compliance.keys.key_folder import KeyFolder, Stamp, file_name_of, name_of
from compliance.keys.suites import (
    KEY_BYTES,
    Open,
    Suite,
    digesting,
    opening,
    part_opening,
    part_sealing,
    sealing,
    suite_coded,
    suite_named,
    suite_of,
    unwrapping,
    wrapping,
)
from compliance.ports import Mac, PartSeal, Seal

# ``epoch/24323`` lies in ``epoch.keys/epoch%2f24323.key`` and ``ledger`` in ``ledger.key``. A folder for each kind,
# because every look-up lists the living epochs, and own keys may be counted in millions.
_SUFFIX: Final = ".key"
_KIND_SUFFIX: Final = ".keys"
#: Some 1 kB each. A busy site opens a few dozen windows and epochs at a time; own keys come and go.
_KEPT: Final = 4096


class FileKeyring:
    """Implements `Keyring`.

    `suite` is for keys made from now on: a key keeps the suite that it was made for, written in its file, so that
    changing the setting neither locks old parts nor makes living tokens stop matching.

    A function that was handed out keeps working until it is dropped, as does whatever else this process still holds
    in memory; who seals holds the window lock shared meanwhile, and who destroys holds it alone.
    """

    def __init__(self, folder: Path, *, suite: str = "A256GCM-HS256", random: Callable[[int], bytes]) -> None:
        self._suite = suite_named(suite)
        self._random = random
        self._folder = KeyFolder(folder, random)
        self._kinds: dict[str, KeyFolder] = {}
        self._kept: OrderedDict[str, _Key] = OrderedDict()
        self._lock = Lock()

    def __repr__(self) -> str:
        return f"FileKeyring({self._folder!r})"

    def sealer(self, name: str) -> Seal:
        return self._made(name).seal

    def unseal(self, name: str, envelope: bytes, bound: bytes) -> bytes:
        return self._required(name).opener(suite_of(envelope))(envelope, bound)

    def part_sealer(self, name: str) -> PartSeal:
        return self._made(name).part_sealer()

    def unseal_part(self, name: str, wrapped: bytes, envelope: bytes, bound: bytes) -> bytes:
        key = self._required(name).unwrapped(wrapped, bound)
        return part_opening(suite_of(envelope), key)(envelope, bound)

    def rewrap(self, name: str, to: str, wrapped: bytes, bound: bytes) -> bytes:
        key = self._required(name).unwrapped(wrapped, bound)
        return self._made(to).wrapped(key, bound)

    def mac(self, name: str) -> Mac:
        return self._made(name).mac

    def living_mac(self, name: str) -> Mac | None:
        """None for a key that is gone. A damaged one is no such thing, and raises KeyLost."""
        key = self._living(name)
        return None if key is None else key.mac

    def names(self, prefix: str) -> list[str]:
        """Sorted. A key whose destruction was cut short is still among them, so that it is destroyed again."""
        start = file_name_of(prefix, "") if prefix else ""
        folders = [self._folder_of(prefix)]
        if "/" not in prefix:
            kinds = list(self._folder.file_names(start, _KIND_SUFFIX))
            folders += [self._folder_of(name_of(kind, _KIND_SUFFIX) + "/") for kind in kinds]
        found = [file_name for folder in folders for file_name in folder.file_names(start, _SUFFIX)]
        return sorted(name_of(file_name, _SUFFIX) for file_name in found)

    def destroy(self, name: str) -> None:
        self._folder_of(name).destroy(file_name_of(name, _SUFFIX))
        with self._lock:
            self._kept.pop(name, None)

    def _folder_of(self, name: str) -> KeyFolder:
        kind, slash, _ = name.partition("/")
        if not slash:
            return self._folder
        folder = self._kinds.get(kind)
        if folder is None:
            folder = self._kinds[kind] = self._folder.within(file_name_of(kind, _KIND_SUFFIX))
        return folder

    def _made(self, name: str) -> _Key:
        key = self._living(name)
        if key is None:
            self._folder_of(name).create_if_absent(file_name_of(name, _SUFFIX), self._fresh)
            key = self._living(name)
        if key is None:
            raise KeyLost("The key was destroyed while it was being made.")
        return key

    def _required(self, name: str) -> _Key:
        key = self._living(name)
        if key is None:
            raise KeyLost
        return key

    def _living(self, name: str) -> _Key | None:
        """The key, or None where it is gone. Asks the disk each time, since another process may have destroyed it, or
        destroyed it and made another of the same name.
        """
        file_name = file_name_of(name, _SUFFIX)
        stamp = self._folder_of(name).stamp(file_name)
        with self._lock:
            kept = self._kept.get(name)
            if kept is not None and kept.stamp == stamp:
                self._kept.move_to_end(name)
                return kept
            self._kept.pop(name, None)
        if stamp is None:
            return None
        return self._load(name, file_name)

    def _load(self, name: str, file_name: str) -> _Key | None:
        found = self._folder_of(name).read(file_name)
        if found is None:
            return None
        content, stamp = found
        key = _Key(_suite_in(content, file_name), content[1:], stamp, self._random)
        with self._lock:
            self._kept[name] = key
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return key

    def _fresh(self) -> bytes:
        secret = self._random(KEY_BYTES)
        if len(secret) != KEY_BYTES:
            raise ComplianceError("random: gave another number of bytes than asked for")
        return bytes((self._suite.code,)) + secret


class _Key:
    """A key in memory. Python cannot wipe what it has held: a process forgets for certain when it ends."""

    __slots__ = ("_openers", "_random", "_secret", "_suite", "mac", "seal", "stamp")

    def __init__(self, suite: Suite, secret: bytes, stamp: Stamp, random: Callable[[int], bytes]) -> None:
        self._suite, self._secret, self._random = suite, secret, random
        self._openers: dict[int, Open] = {}
        self.stamp = stamp
        self.seal = sealing(suite, secret, random)
        self.mac = digesting(suite, secret)

    def opener(self, suite: Suite) -> Open:
        if suite.code not in self._openers:
            self._openers[suite.code] = opening(suite, self._secret)
        return self._openers[suite.code]

    def part_sealer(self) -> PartSeal:
        return part_sealing(self._suite, self._secret, self._random)

    def wrapped(self, key: bytes, bound: bytes) -> bytes:
        return wrapping(self._suite, self._secret, self._random)(key, bound)

    def unwrapped(self, wrapped: bytes, bound: bytes) -> bytes:
        return unwrapping(suite_of(wrapped), self._secret)(wrapped, bound)


def _suite_in(content: bytes, file_name: str) -> Suite:
    if len(content) != 1 + KEY_BYTES:
        raise KeyLost(f"The key file {file_name} holds no key of this kind.")
    try:
        return suite_coded(content[0])
    except ComplianceError:
        raise KeyLost(f"The key file {file_name} is of a suite that this version does not know.") from None
