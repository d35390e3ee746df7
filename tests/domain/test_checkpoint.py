"""A head opens only as it was signed, by the key that was expected."""

import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from compliance.domain.checkpoint import (
    Head,
    VerifierKey,
    Verify,
    fingerprint,
    open_head,
    open_verifier_key,
    sign_head,
    signers,
    verifier_key,
)
from compliance.domain.errors import HeadRejected

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw()
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(32))
HEAD = Head(
    origin="compliance.example/yunshan",
    size=20_852_163,
    root=bytes(range(100, 132)),
    time=datetime(2026, 11, 23, 10, tzinfo=UTC),
)


def verifying(public: bytes) -> Verify:
    def verify(signature: bytes, message: bytes) -> bool:
        try:
            Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
        except InvalidSignature:
            return False
        return True

    return verify


VERIFY = verifying(PUBLIC)
SIGNED = sign_head(HEAD, KEY.sign, PUBLIC)
BODY, LINE = SIGNED.split("\n\n")


def signed_body(body: str) -> str:
    """A note over any text, with a true signature: only the text can be at fault."""
    name = body.split("\n", maxsplit=1)[0]
    key = VerifierKey(name=name, public_key=PUBLIC)
    return f"{body}\n— {name} {base64.b64encode(key.key_id + KEY.sign(body.encode())).decode()}\n"


def test_a_head_is_a_checkpoint_in_a_signed_note() -> None:
    assert BODY.split("\n") == [
        "compliance.example/yunshan",
        "20852163",
        "ZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXp7fH1+f4CBgoM=",
        "time 2026-11-23T10:00:00Z",
    ]
    dash, name, blob = LINE.removesuffix("\n").split(" ")
    assert (dash, name) == ("—", "compliance.example/yunshan")
    raw = base64.b64decode(blob)
    assert raw[:4] == VerifierKey(name=name, public_key=PUBLIC).key_id
    assert VERIFY(raw[4:], BODY.encode() + b"\n")


def test_a_signed_head_opens() -> None:
    assert open_head(SIGNED, VERIFY, PUBLIC) == HEAD
    assert open_head(SIGNED, VERIFY, PUBLIC, origin=HEAD.origin) == HEAD


@given(
    st.sampled_from(["a", "物业.example/云山", "compliance.example/x"]),
    st.integers(0, 2**53 - 1),
    st.binary(min_size=32, max_size=32),
    st.integers(0, 4_000_000_000),
    st.sampled_from([UTC, timezone(timedelta(hours=8))]),
)
def test_any_head_comes_back_as_it_went(
    origin: str, size: int, root: bytes, seconds: int, zone: timezone
) -> None:
    head = Head(origin=origin, size=size, root=root, time=datetime.fromtimestamp(seconds, zone))
    assert open_head(sign_head(head, KEY.sign, PUBLIC), VERIFY, PUBLIC) == head


def test_every_single_changed_bit_is_noticed() -> None:
    sealed = SIGNED.encode()
    for bit in range(len(sealed) * 8):
        changed = bytearray(sealed)
        changed[bit // 8] ^= 1 << bit % 8
        try:
            text = changed.decode()
        except UnicodeDecodeError:
            continue
        with pytest.raises(HeadRejected):
            open_head(text, VERIFY, PUBLIC)


def test_a_head_of_another_key_is_refused() -> None:
    public = OTHER.public_key().public_bytes_raw()
    with pytest.raises(HeadRejected, match="expected key"):
        open_head(sign_head(HEAD, OTHER.sign, public), VERIFY, PUBLIC)
    with pytest.raises(HeadRejected, match="does not verify"):
        open_head(sign_head(HEAD, OTHER.sign, PUBLIC), VERIFY, PUBLIC)


def test_a_head_of_another_log_is_refused_where_the_log_is_known() -> None:
    with pytest.raises(HeadRejected, match="origin"):
        open_head(SIGNED, VERIFY, PUBLIC, origin="compliance.example/elsewhere")


def test_witnesses_may_sign_beside_us_and_are_not_ours_to_judge() -> None:
    witness = "— witness.example " + base64.b64encode(b"\x00" * 76).decode() + "\n"
    assert open_head(SIGNED + witness, VERIFY, PUBLIC) == HEAD
    assert signers(SIGNED + witness) == (HEAD.origin, "witness.example")
    with pytest.raises(HeadRejected, match="expected key"):
        open_head(f"{BODY}\n\n{witness}", VERIFY, PUBLIC)


def test_our_signature_stands_once_and_no_note_holds_more_than_sixteen() -> None:
    with pytest.raises(HeadRejected, match="exactly one"):
        open_head(SIGNED + LINE, VERIFY, PUBLIC)
    witness = "— witness.example " + base64.b64encode(b"\x00" * 76).decode() + "\n"
    assert open_head(SIGNED + witness * 15, VERIFY, PUBLIC) == HEAD
    with pytest.raises(HeadRejected, match="signed note"):
        open_head(SIGNED + witness * 16, VERIFY, PUBLIC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        BODY,
        BODY + "\n\n",
        SIGNED.removesuffix("\n"),
        SIGNED + "\n",
        SIGNED.replace("\n", "\r\n"),
        SIGNED.replace("— ", "- "),
        SIGNED.replace("— ", "—  "),
        SIGNED + "— a+b AAAA\n",
        SIGNED + "— a ????\n",
        SIGNED + "— a AAB=\n",
    ],
)
def test_a_text_that_is_no_signed_note_is_refused(text: str) -> None:
    with pytest.raises(HeadRejected):
        open_head(text, VERIFY, PUBLIC)


ROOT_LINE = "ZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXp7fH1+f4CBgoM="


@pytest.mark.parametrize(
    "lines",
    [
        ["a", "1", ROOT_LINE],
        ["a", "1", ROOT_LINE, "time 2026-11-23T10:00:00Z", "more"],
        ["a", "01", ROOT_LINE, "time 2026-11-23T10:00:00Z"],
        ["a", "-1", ROOT_LINE, "time 2026-11-23T10:00:00Z"],
        ["a", "٣", ROOT_LINE, "time 2026-11-23T10:00:00Z"],
        ["a", "9999999999999999", ROOT_LINE, "time 2026-11-23T10:00:00Z"],
        ["a", "1", ROOT_LINE[:-4], "time 2026-11-23T10:00:00Z"],
        ["a", "1", ROOT_LINE[:-2] + "N=", "time 2026-11-23T10:00:00Z"],
        ["a", "1", ROOT_LINE, "2026-11-23T10:00:00Z"],
        ["a", "1", ROOT_LINE, "time 2026-11-23T10:00:00+00:00"],
        ["a", "1", ROOT_LINE, "time 2026-11-23T18:00:00+08:00"],
        ["a", "1", ROOT_LINE, "time 2026-11-23T10:00:00"],
        ["a", "1", ROOT_LINE, "time 2026-11-23T10:00Z"],
        ["a", "1", ROOT_LINE, "time 2026-11-23T10:00:00.5Z"],
        ["a", "1", ROOT_LINE, "time noon"],
    ],
)
def test_a_truly_signed_text_that_is_no_head_is_refused(lines: list[str]) -> None:
    good = ["a", "1", ROOT_LINE, "time 2026-11-23T10:00:00Z"]
    assert open_head(signed_body("\n".join(good) + "\n"), VERIFY, PUBLIC).size == 1

    with pytest.raises(HeadRejected):
        open_head(signed_body("\n".join(lines) + "\n"), VERIFY, PUBLIC)


@pytest.mark.parametrize(
    "change",
    [
        {"origin": ""},
        {"origin": "two words"},
        {"origin": "a+b"},
        {"origin": "a\nb"},
        {"origin": "a\u3000b"},
        {"size": -1},
        {"size": True},
        {"size": 2**53},
        {"root": b"short"},
        {"time": datetime(2026, 11, 23, 10)},  # noqa: DTZ001 - the naive time is what is refused
        {"time": datetime(2026, 11, 23, 10, microsecond=1, tzinfo=UTC)},
    ],
)
def test_a_head_that_cannot_be_written_cannot_be_made(change: dict[str, Any]) -> None:
    with pytest.raises(HeadRejected):
        replace(HEAD, **change)


def test_a_signer_that_returns_no_signature_is_noticed() -> None:
    with pytest.raises(HeadRejected, match="signature"):
        sign_head(HEAD, lambda _: b"", PUBLIC)


def test_only_a_plain_yes_verifies() -> None:
    def forgetful(signature: bytes, message: bytes) -> Any:
        return None

    with pytest.raises(HeadRejected, match="does not verify"):
        open_head(SIGNED, forgetful, PUBLIC)


# Verifier keys published with golang.org/x/mod/sumdb/note and by the Go checksum database.
@pytest.mark.parametrize(
    "text",
    [
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop",
        "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8",
    ],
)
def test_published_verifier_keys_are_read_and_written_alike(text: str) -> None:
    key = open_verifier_key(text)
    assert verifier_key(key.name, key.public_key) == text


def test_a_published_note_verifies_under_its_published_key() -> None:
    text = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
    blob = base64.b64decode(
        "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
    )
    key = open_verifier_key("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    assert blob[:4] == key.key_id
    assert verifying(key.public_key)(blob[4:], text.encode())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "PeterNeumann",
        "Peterneumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TX",
        "PeterNeumann+c74f20a3+AhpC2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy",
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW\n",
    ],
)
def test_a_verifier_key_whose_parts_do_not_belong_together_is_refused(text: str) -> None:
    with pytest.raises(HeadRejected):
        open_verifier_key(text)


def test_a_printed_fingerprint_never_changes() -> None:
    assert fingerprint(PUBLIC) == "cb39 f0f6 d246 b033 0680 73b7 28cf 5b70"
    assert fingerprint(PUBLIC) != fingerprint(OTHER.public_key().public_bytes_raw())
