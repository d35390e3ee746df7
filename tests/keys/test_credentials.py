"""Passwords and API keys cannot be read back."""

import hashlib

import pytest
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from compliance.keys.credentials import fingerprint, matches, phc


def test_a_password_matches_its_own_hash_and_no_other_does() -> None:
    kept = phc("前台口令-2026")

    assert matches("前台口令-2026", kept)
    assert not matches("前台口令-2027", kept)
    assert not matches("", kept)


def test_a_hash_is_argon2id_and_names_its_parameters() -> None:
    assert phc("口令").startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert "口令" not in phc("口令")


def test_equal_passwords_have_unequal_hashes() -> None:
    assert phc("口令") != phc("口令")


@pytest.mark.parametrize(
    "broken", ["", "口令", "$2b$12$abcdefghijklmnopqrstuv", "$argon2id$v=19$m=19456,t=2,p=1$c3$x"]
)
def test_a_broken_hash_lets_nobody_in(broken: str) -> None:
    assert not matches("口令", broken)


def test_a_hash_with_parameters_of_another_time_still_matches() -> None:
    older = Argon2id(salt=bytes(16), length=32, iterations=1, lanes=1, memory_cost=64)

    assert matches("前台口令", older.derive_phc_encoded("前台口令".encode()))


def test_a_letter_is_the_same_however_the_keyboard_sends_it() -> None:
    assert matches("cafe\u0301", phc("caf\u00e9"))


def test_half_a_surrogate_pair_is_a_wrong_password_and_no_error() -> None:
    assert not matches("\ud800", phc("口令"))


def test_a_fingerprint_is_plain_sha_256() -> None:
    assert (
        fingerprint("ck_0123456789abcdefghjkmnpqrs")
        == hashlib.sha256(b"ck_0123456789abcdefghjkmnpqrs").digest()
    )
