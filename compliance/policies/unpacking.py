"""What is in a workbook's zip, piece by piece and bounded: nothing that a file claims of itself is believed.

The list of what is in it, what each part unpacks to, and the longest token have their limits; a document type is refused,
so no entity is ever expanded. Nothing of the content is in an error.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO, Final
from xml.parsers import expat

from compliance.domain.errors import ConfigurationInvalid

LARGEST_FILE: Final = 64 * 1024 * 1024
LARGEST_PART: Final = 8 * 1024**2
LONGEST_CELL: Final = 32_767  # Excel's own limit
_LARGEST_LIST: Final = 1024 * 1024  # of what is in the zip: some ten thousand parts
_AT_ONCE: Final = 64 * 1024
_LONGEST_TOKEN: Final = 1024 * 1024

Row = tuple[int, list[str]]


class NoSpreadsheet(ConfigurationInvalid):
    """No XLSX file that can be read, or one that is too large."""

    def __init__(
        self, zh: str = "不是可读的 xlsx 文件（旧版 xls 或加密文件请另存为 xlsx）", en: str = ""
    ) -> None:
        super().__init__(
            f"{zh} / {en or 'not an XLSX file that can be read (save .xls or protected files anew)'}"
        )


def archive_of(stream: BinaryIO) -> zipfile.ZipFile:
    size = stream.seek(0, 2)
    if size > LARGEST_FILE:
        raise NoSpreadsheet("文件过大，请拆分", "the file is too large: split it")
    stream.seek(max(0, size - 65_557))  # the end record, and the longest comment that may follow it
    tail = stream.read()
    at = tail.rfind(b"PK\x05\x06")
    listed = int.from_bytes(tail[at + 12 : at + 16], "little") if at >= 0 and len(tail) >= at + 22 else -1
    if not 0 <= listed <= _LARGEST_LIST:
        raise NoSpreadsheet
    try:
        stream.seek(0)
        return zipfile.ZipFile(stream)
    except (zipfile.BadZipFile, ValueError, OSError):
        raise NoSpreadsheet from None


def pieces_of(archive: zipfile.ZipFile, name: str, most: int) -> Iterator[bytes]:
    """What a part unpacks to, piece by piece; what its header says of its size is only a claim."""
    unpacked = 0
    try:
        with archive.open(name) as packed:
            while piece := packed.read(_AT_ONCE):
                unpacked += len(piece)
                if unpacked > most:
                    raise NoSpreadsheet("文件解开后过大", "it unpacks to too much")
                yield piece
    except (zipfile.BadZipFile, KeyError, OSError, RuntimeError, NotImplementedError, zlib.error, EOFError):
        raise NoSpreadsheet from None


class Part:
    """What is told of one part as it is read: elements by their local name, text where it was asked for."""

    def __init__(self) -> None:
        self.text = ""
        self.listening = False

    def start(self, name: str, of: dict[str, str]) -> None: ...

    def end(self, name: str) -> None: ...

    def take(self) -> list[Row]:
        return []

    def heard(self, text: str) -> None:
        if self.listening:
            if len(self.text) + len(text) > LONGEST_CELL:
                raise NoSpreadsheet("有单元格过长", "a cell is too long")
            self.text += text


def parsed(archive: zipfile.ZipFile, name: str, part: Part, *, most: int) -> Iterator[list[Row]]:
    """Tell `part` what is in the part of this name; what it has ready is yielded piece by piece."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = lambda element, of: part.start(local(element), of)
    parser.EndElementHandler = lambda element: part.end(local(element))
    parser.CharacterDataHandler = part.heard
    parser.StartDoctypeDeclHandler = _refuse
    parser.EntityDeclHandler = _refuse
    fed = 0
    try:
        for piece in pieces_of(archive, name, most):
            parser.Parse(piece, False)  # noqa: FBT003  its own signature
            fed += len(piece)
            if fed - max(parser.CurrentByteIndex, 0) > _LONGEST_TOKEN:
                raise NoSpreadsheet
            yield part.take()
        parser.Parse(b"", True)  # noqa: FBT003
    except expat.ExpatError:
        raise NoSpreadsheet from None
    yield part.take()


def read_part(archive: zipfile.ZipFile, name: str, part: Part, *, most: int = LARGEST_PART) -> None:
    for _ in parsed(archive, name, part, most=most):
        pass


def _refuse(*_: object) -> None:
    raise NoSpreadsheet


def local(name: str) -> str:
    return name.rpartition(":")[2]
