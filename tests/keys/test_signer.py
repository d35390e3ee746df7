"""The ledger's key signs, is kept, and its public half is enough to check."""

import os
import stat
from pathlib import Path

import pytest

from compliance.domain.errors import ComplianceError, KeyLost
from compliance.keys.file_keyring import FileKeyring
from compliance.keys.key_folder import KeyFolder
from compliance.keys.signer import FileSigner, verifier
from compliance.ports import Signer


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "keys"


def test_a_signature_is_checked_with_the_public_key_alone(folder: Path) -> None:
    signer: Signer = FileSigner(folder, os.urandom)
    signature = signer.sign(b"head")
    check = verifier(signer.public_key)

    assert check(signature, b"head")
    assert signer.verify(signature, b"head")
    assert not check(signature, b"another head")
    assert not check(signature[:-1], b"head")
    assert not check(b"", b"head")
    assert not verifier(FileSigner(folder.with_name("other"), os.urandom).public_key)(signature, b"head")


def test_a_signature_is_the_published_one(folder: Path) -> None:
    """RFC 8032 §7.1, test 2."""
    seed = bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
    signer = FileSigner(folder, lambda count: seed[:count])

    assert signer.public_key.hex() == "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
    assert signer.sign(b"\x72").hex() == (
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )


def test_a_signer_is_the_same_after_a_restart(folder: Path) -> None:
    assert FileSigner(folder, os.urandom).public_key == FileSigner(folder, os.urandom).public_key


def test_the_private_key_is_for_the_owner_alone_and_no_key_of_the_keyring(folder: Path) -> None:
    FileSigner(folder, os.urandom)

    (file,) = folder.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert FileKeyring(folder, random=os.urandom).names("") == []


def test_a_missing_key_is_not_replaced_in_silence(folder: Path) -> None:
    with pytest.raises(KeyLost, match="signing key"):
        FileSigner(folder, os.urandom, create=False)

    assert list(folder.iterdir()) == []


def test_a_damaged_key_is_lost(folder: Path) -> None:
    FileSigner(folder, os.urandom)
    (file,) = folder.iterdir()
    file.write_bytes(file.read_bytes()[:-5])

    with pytest.raises(KeyLost, match="damaged"):
        FileSigner(folder, os.urandom)


def test_a_file_that_holds_another_kind_of_key_is_lost(folder: Path) -> None:
    KeyFolder(folder, os.urandom).create_if_absent("ledger.signer", lambda: bytes(33))

    with pytest.raises(KeyLost, match="holds no signing key"):
        FileSigner(folder, os.urandom)


def test_the_private_key_does_not_show(folder: Path) -> None:
    signer = FileSigner(folder, os.urandom)
    (file,) = folder.iterdir()

    assert file.read_bytes()[1:33].hex() not in repr(signer)
    assert signer.public_key.hex() in repr(signer)


@pytest.mark.parametrize("public_key", [b"", bytes(31), bytes(33)])
def test_bytes_that_are_no_public_key_are_refused(public_key: bytes) -> None:
    with pytest.raises(ComplianceError, match="public key"):
        verifier(public_key)
