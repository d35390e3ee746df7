"""A keyring in a folder of its own."""

import os
from pathlib import Path

import pytest

from compliance.keys.file_keyring import FileKeyring
from compliance.ports import Keyring


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "keys"


@pytest.fixture
def keyring(folder: Path) -> Keyring:
    return FileKeyring(folder, random=os.urandom)
