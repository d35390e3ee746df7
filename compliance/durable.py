"""What is on the disk before this returns: the bytes of a file, and the entry of the folder that names it.

The acts journal, the keys and the archive stand on it: a file is no safer than the entry that names it, and that entry
is the folder's own, flushed by itself.
"""

from __future__ import annotations

import os
from pathlib import Path


def write_whole(file: int, content: bytes) -> None:
    """All of the content to an open file, since one `write` may take less. Raises OSError where the disk refuses; the
    caller flushes, and takes back what was written.
    """
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(file, rest) :]


def sync_folder(folder: Path) -> None:
    """Flush the folder's entries: the files that were made in it, named anew or removed."""
    opened = os.open(folder, os.O_RDONLY | os.O_CLOEXEC | os.O_DIRECTORY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def make_private_folder(folder: Path, *, parents: bool = True) -> None:
    """A folder for its owner alone, and its own entry on the disk; one that exists is left as it is.

    Raises FileExistsError where something else has its name, and FileNotFoundError where what it lies in is gone and
    `parents` are not to be made.
    """
    if not folder.is_dir():
        folder.mkdir(mode=0o700, parents=parents, exist_ok=True)
        sync_folder(folder.parent)
