"""Sealed parts in files that only grow: an archive folder, a share, a mounted bucket, wherever one record cannot be
taken out of the middle.

One file for each window, so that what died together can be removed together, when it has long been noise: a part is
gone at the moment when the books drop its key. A reference is a file and an offset, and only committed books refer to
anything, so whatever a crash or a full disk leaves at a file's end is bytes that nobody points to and nobody has the
key of; the next batch is laid behind them.

    record = length of the envelope (4) ‖ holding number (8) ‖ part number (4) ‖ envelope, numbers big-endian
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from struct import Struct
from typing import Final
from urllib.parse import quote, unquote

from compliance.domain.errors import ConfigurationInvalid
from compliance.domain.mapping import SealedFileMapping
from compliance.durable import make_private_folder, sync_folder, write_whole
from compliance.ports import Books, Capabilities, PartRef, StoredPart, place_of

# The evolution rule is the envelope's: what lies in a file is never rewritten, so another shape is another suffix.
_SUFFIX: Final = ".sealed"
_HEADER: Final = Struct(">IQI")
_LARGEST: Final = 64 * 1024 * 1024


class SealedFile:
    """Sealing, not ours, and it cannot erase. Several processes of one host may append to it at once.

    `owner` begins the name of every file: two homes that were given one folder never clear each other's.
    """

    def __init__(self, mapping: SealedFileMapping, owner: str) -> None:
        self.name = mapping.name
        self.capabilities = Capabilities(
            sealing=True, ours=False, erases=False, residue=dict(mapping.residue)
        )
        self._folder, self._owner = Path(mapping.folder), f"{owner}."
        make_private_folder(self._folder)

    # -- the gate's

    def append(self, books: Books, category: str, parts: Sequence[StoredPart]) -> dict[str, str]:
        return dict(zip([place_of(part.ref) for part in parts], self.lay(parts), strict=True))

    def lay(self, parts: Sequence[StoredPart]) -> list[str]:
        """Lay the parts behind what is there and flush them to the disk, a file after the other; returns their places.

        Raises OSError where the disk does not take them: what it took meanwhile is referred to by nobody.
        """
        files: dict[str, list[bytes]] = {}
        ends: dict[str, int] = {}
        places: list[tuple[str, int]] = []
        for ref, envelope, _, window in parts:
            laid, end = files.setdefault(window, []), ends.get(window, 0)
            laid += (_HEADER.pack(len(envelope), ref[0], ref[1]), envelope)
            places.append((window, end))
            ends[window] = end + _HEADER.size + len(envelope)
        starts = {window: self._lay(window, b"".join(laid)) for window, laid in files.items()}
        begins = {window: self.refs_of(window) for window in files}
        return [f"{begins[window]}{starts[window] + at}" for window, at in places]

    def replace(self, books: Books, parts: Sequence[StoredPart]) -> None:
        """What lies in a file stays as it is; its key can be put under another."""
        if parts:
            raise self._fixed()

    # -- reading's

    def fetch(self, books: Books, parts: Sequence[PartRef]) -> dict[int, bytes | Mapping[str, object]]:
        """The envelopes that are where the books say; nothing of a place that holds something else, or no more."""
        found: dict[int, bytes | Mapping[str, object]] = {}
        for part in parts:
            envelope = self._at(part)
            if envelope is not None:
                found[part.part_no] = envelope
        return found

    # -- the disposal's

    def erase(self, books: Books, category: str, parts: Sequence[PartRef]) -> None:
        """Nothing is taken out of the middle of a file: erasing is destroying the part's key."""
        if parts:
            raise self._fixed()

    def left(self, books: Books, category: str, parts: Sequence[PartRef]) -> int:
        """How many of these envelopes lie there, whether or not anybody has their keys."""
        return sum(self._at(part) is not None for part in parts)

    def reseal(self, books: Books, ref: PartRef, envelope: bytes) -> None:
        raise self._fixed()

    def sealed(self, books: Books, ref: PartRef) -> bytes | None:
        return self._at(ref)

    def windows(self) -> list[str]:
        names = [path.name for path in self._folder.glob(f"{self._owner}*{_SUFFIX}")]
        return sorted(unquote(name.removeprefix(self._owner).removesuffix(_SUFFIX)) for name in names)

    def refs_of(self, window: str) -> str:
        return self._stem(window) + ":"

    def clear(self, window: str) -> None:
        (self._folder / (self._stem(window) + _SUFFIX)).unlink(missing_ok=True)
        sync_folder(self._folder)

    # -- shared

    def _stem(self, window: str) -> str:
        return self._owner + quote(window, safe="")

    def _lay(self, window: str, content: bytes) -> int:
        """Append, on the disk before this returns; where it begins."""
        path = self._folder / (self._stem(window) + _SUFFIX)
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW
        file = os.open(path, flags, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            start = os.fstat(file).st_size
            try:
                write_whole(file, content)
                os.fsync(file)
            except OSError:
                with suppress(OSError):
                    os.ftruncate(file, start)
                raise
            if not start:
                sync_folder(self._folder)
            return start
        finally:
            os.close(file)  # which also unlocks

    def _at(self, part: PartRef) -> bytes | None:
        stem, _, offset = (part.ref or "").rpartition(":")
        if not stem or "/" in stem or not offset.isdecimal():
            return None
        try:
            file = os.open(self._folder / (stem + _SUFFIX), os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        except FileNotFoundError:
            return None
        try:
            header = os.pread(file, _HEADER.size, int(offset))
            if len(header) < _HEADER.size:
                return None
            length, *owner = _HEADER.unpack(header)
            if owner != [part.holding_no, part.part_no] or length > _LARGEST:
                return None
            envelope = os.pread(file, length, int(offset) + _HEADER.size)
            return envelope if len(envelope) == length else None
        finally:
            os.close(file)

    def _fixed(self) -> ConfigurationInvalid:
        return ConfigurationInvalid(
            f"{self.name}: 文件只增不改，只能销毁密钥 / files that only grow: a key can be destroyed, no part rewritten"
        )
