"""What is sealed opens only as it was sealed, in both suites, in a form that never changes."""

import hashlib
import hmac
import os

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given
from hypothesis import strategies as st

from compliance.domain.errors import ComplianceError, ConfigurationInvalid
from compliance.keys.suites import (
    SUITES,
    Suite,
    _derived,
    digesting,
    opening,
    part_opening,
    part_sealing,
    sealing,
    suite_coded,
    suite_named,
    suite_of,
    unwrapping,
)

SECRET = bytes(range(32))
both = pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.name)


def _zeros(count: int) -> bytes:
    return bytes(count)


@both
@given(plaintext=st.binary(max_size=300), bound=st.binary(max_size=60))
def test_what_is_sealed_opens_again(suite: Suite, plaintext: bytes, bound: bytes) -> None:
    envelope = sealing(suite, SECRET, os.urandom)(plaintext, bound)

    assert opening(suite, SECRET)(envelope, bound) == plaintext
    assert len(envelope) == 2 + 12 + len(plaintext) + 16


@both
def test_every_flipped_bit_is_noticed(suite: Suite) -> None:
    envelope = sealing(suite, SECRET, os.urandom)("李四".encode(), b"2611-abc/0")
    unseal = opening(suite, SECRET)

    for bit in range(len(envelope) * 8):
        altered = bytearray(envelope)
        altered[bit // 8] ^= 1 << bit % 8
        with pytest.raises(ComplianceError):
            unseal(bytes(altered), b"2611-abc/0")


@both
@given(bound=st.binary(max_size=40), other=st.binary(max_size=40))
def test_an_envelope_opens_only_in_its_own_place(suite: Suite, bound: bytes, other: bytes) -> None:
    envelope = sealing(suite, SECRET, os.urandom)(b"content", bound)

    if bound == other:
        assert opening(suite, SECRET)(envelope, other) == b"content"
    else:
        with pytest.raises(ComplianceError, match="altered"):
            opening(suite, SECRET)(envelope, other)


@both
def test_an_envelope_that_is_cut_short_anywhere_is_refused(suite: Suite) -> None:
    envelope = sealing(suite, SECRET, os.urandom)(b"content", b"")

    for length in range(len(envelope)):
        with pytest.raises(ComplianceError):
            opening(suite, SECRET)(envelope[:length], b"")


@both
def test_an_envelope_does_not_open_under_another_key(suite: Suite) -> None:
    envelope = sealing(suite, SECRET, os.urandom)(b"content", b"")

    with pytest.raises(ComplianceError, match="altered"):
        opening(suite, SECRET[::-1])(envelope, b"")


@both
def test_equal_content_is_sealed_into_unequal_envelopes(suite: Suite) -> None:
    seal = sealing(suite, SECRET, os.urandom)

    assert len({seal(b"content", b"") for _ in range(100)}) == 100


@both
def test_an_envelope_names_its_suite(suite: Suite) -> None:
    envelope = sealing(suite, SECRET, os.urandom)(b"", b"")

    assert suite_of(envelope) is suite
    assert envelope[:2] == bytes((1, suite.code))
    assert suite_named(suite.name) is suite_coded(suite.code) is suite


@pytest.mark.parametrize("envelope", [b"", b"\x01", b"\x02\x01" + bytes(28), b"\x01\x03" + bytes(28)])
def test_an_unknown_version_or_suite_is_refused(envelope: bytes) -> None:
    with pytest.raises(ComplianceError, match="does not know"):
        suite_of(envelope)


def test_an_unknown_suite_in_the_settings_is_refused_in_both_languages() -> None:
    with pytest.raises(ConfigurationInvalid, match=r"密码套件只能是.*The cipher suite must be"):
        suite_named("A128CBC")


def test_no_two_suites_share_a_name_or_a_code() -> None:
    assert len({suite.name for suite in SUITES}) == len({suite.code for suite in SUITES}) == len(SUITES)


@both
def test_a_digest_is_sixteen_bytes_and_depends_on_key_message_and_suite(suite: Suite) -> None:
    mac = digesting(suite, SECRET)

    assert len(mac(b"13900000000")) == 16
    assert mac(b"13900000000") == digesting(suite, SECRET)(b"13900000000")
    digests = {digesting(s, k)(m) for s in SUITES for k in (SECRET, SECRET[::-1]) for m in (b"", b"a")}
    assert len(digests) == 8


@both
def test_a_key_that_digests_never_seals(suite: Suite) -> None:
    digest_key = _derived(suite, SECRET, "mac", suite.cipher_key_bytes)
    seal_key = _derived(suite, SECRET, "seal", suite.cipher_key_bytes)

    assert len({digest_key, seal_key, SECRET[: suite.cipher_key_bytes]}) == 3


class TestTheFormIsFinal:
    """Worked out apart from the code under test, or written down: a change here loses what is already sealed."""

    def test_the_default_envelope_follows_from_published_algorithms(self) -> None:
        info = b"compliance/1/seal/A256GCM-HS256"
        key = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=info).derive(SECRET)
        expected = b"\x01\x01" + bytes(12) + AESGCM(key).encrypt(bytes(12), b"content", b"\x01\x01place")

        assert sealing(SUITES[0], SECRET, _zeros)(b"content", b"place") == expected

    def test_the_default_digest_follows_from_published_algorithms(self) -> None:
        info = b"compliance/1/mac/A256GCM-HS256"
        pseudorandom = hmac.digest(bytes(32), SECRET, "sha256")  # RFC 5869 by hand
        key = hmac.digest(pseudorandom, info + b"\x01", "sha256")

        assert digesting(SUITES[0], SECRET)(b"x") == hmac.digest(key, b"x", "sha256")[:16]

    @pytest.mark.skipif("sm3" not in hashlib.algorithms_available, reason="this OpenSSL has no SM3")
    def test_the_national_digest_agrees_with_another_implementation(self) -> None:
        info = b"compliance/1/mac/SM4GCM-HSM3"
        pseudorandom = hmac.digest(bytes(32), SECRET, "sm3")
        key = hmac.digest(pseudorandom, info + b"\x01", "sm3")

        assert digesting(SUITES[1], SECRET)(b"x") == hmac.digest(key, b"x", "sm3")[:16]

    @pytest.mark.parametrize(("name", "envelope", "digest"), [
        ("A256GCM-HS256", "0101000000000000000000000000c415e8bad0e302b6c1b414d307e6ab31035ff727dd7b0a", "5fd86242e341b0b8ab63c140d09da5e3"),
        ("SM4GCM-HSM3", "0102000000000000000000000000e1ae2190a6fe67a703775ec88d64bc8f643c0630421809", "95faf669ad0cf670820571eb5bacc681"),
    ])  # fmt: skip
    def test_the_bytes_are_those_of_the_first_commit(self, name: str, envelope: str, digest: str) -> None:
        suite = suite_named(name)

        assert sealing(suite, SECRET, _zeros)(b"content", b"place").hex() == envelope
        assert opening(suite, SECRET)(bytes.fromhex(envelope), b"place") == b"content"
        assert digesting(suite, SECRET)(b"content").hex() == digest

    def test_sm4_gcm_gives_the_published_bytes(self) -> None:
        """RFC 8998, appendix A.1."""
        key = bytes.fromhex("0123456789abcdeffedcba9876543210")
        nonce = bytes.fromhex("00001234567800000000abcd")
        bound = bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2")
        plaintext = b"".join(bytes((0x11 * digit,)) * 8 for digit in (10, 11, 12, 13, 14, 15, 14, 10))
        sealed = bytes.fromhex(
            "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735"
            "d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d"
            "83de3541e4c2b58177e065a9bf7b62ec"
        )

        assert SUITES[1].encrypts(key)(nonce, plaintext, bound) == sealed
        assert SUITES[1].decrypts(key)(nonce, sealed, bound) == plaintext


class TestAPartsOwnKey:
    def sealed(self, suite: Suite, bound: bytes = b"2611-abc/0/1") -> tuple[bytes, bytes]:
        return part_sealing(suite, SECRET, os.urandom)("王五".encode(), bound)

    def opened(self, suite: Suite, envelope: bytes, wrapped: bytes, bound: bytes = b"2611-abc/0/1") -> bytes:
        return part_opening(suite, unwrapping(suite, SECRET)(wrapped, bound))(envelope, bound)

    @both
    def test_a_part_opens_by_its_key_and_its_key_by_the_windows(self, suite: Suite) -> None:
        envelope, wrapped = self.sealed(suite)

        assert self.opened(suite, envelope, wrapped).decode() == "王五"
        assert len(envelope) == 2 + 12 + 6 + 16
        assert len(wrapped) == 2 + 12 + suite.cipher_key_bytes + 16

    @both
    def test_the_format_is_final(self, suite: Suite) -> None:
        """Written out once more, from the standards and not from the code: no sealed byte is ever migrated."""
        drawn = bytes(range(100))[: suite.cipher_key_bytes + 24]
        envelope, wrapped = part_sealing(suite, SECRET, lambda count: drawn * (count // len(drawn)))(
            b"content", b"place"
        )

        header, size = bytes((1, suite.code)), suite.cipher_key_bytes
        key, nonce, other = drawn[:size], drawn[size : size + 12], drawn[size + 12 :]
        label = f"compliance/1/wrap/{suite.name}".encode()
        wrap = HKDF(algorithm=suite.hash, length=size, salt=None, info=label).derive(SECRET)
        assert envelope == header + nonce + suite.encrypts(key)(nonce, b"content", header + b"place")
        assert wrapped == header + other + suite.encrypts(wrap)(other, key, header + b"place")

    @both
    def test_neither_passes_for_anything_else(self, suite: Suite) -> None:
        (one, key_of_one), (two, key_of_two) = self.sealed(suite), self.sealed(suite)
        ordinary = sealing(suite, SECRET, os.urandom)(b"x" * suite.cipher_key_bytes, b"2611-abc/0/1")

        for envelope, wrapped, bound in (
            (one, key_of_two, b"2611-abc/0/1"),
            (two, key_of_one, b"2611-abc/0/1"),
            (one, key_of_one, b"2611-abc/1/1"),
            (key_of_one, key_of_one, b"2611-abc/0/1"),
            (one, ordinary, b"2611-abc/0/1"),
        ):
            with pytest.raises(ComplianceError):
                self.opened(suite, envelope, wrapped, bound)
        for neither in (one, key_of_one):
            with pytest.raises(ComplianceError):
                opening(suite, SECRET)(neither, b"2611-abc/0/1")

    @both
    def test_every_flipped_bit_of_a_wrapped_key_is_noticed(self, suite: Suite) -> None:
        envelope, wrapped = self.sealed(suite)

        for bit in range(len(wrapped) * 8):
            altered = bytearray(wrapped)
            altered[bit // 8] ^= 1 << bit % 8
            with pytest.raises(ComplianceError):
                self.opened(suite, envelope, bytes(altered))

    @both
    def test_ten_thousand_parts_have_ten_thousand_keys(self, suite: Suite) -> None:
        seal, unwrap = part_sealing(suite, SECRET, os.urandom), unwrapping(suite, SECRET)

        assert len({unwrap(seal(b"", b"place")[1], b"place") for _ in range(10_000)}) == 10_000

    def test_a_key_of_another_length_is_refused(self) -> None:
        with pytest.raises(ComplianceError):
            part_opening(SUITES[0], bytes(16))
