"""Subject tokens: a blind index keyed per epoch, and the pass code that is one of the subjects.

An epoch is a month, numbered year × 12 + month − 1. A token dies with the part that holds its field; the epoch's key
goes when nothing of the epoch is left. A look-up asks for every living epoch at once.
"""

from __future__ import annotations

from datetime import datetime

from compliance.ports import Keyring
from compliance.services.keys_in_hand import KeysInHand

PASS_CODE_LENGTH = 12  # sixty bits: nobody guesses it at any rate that a limit lets through
#: What the message begins with whose digest is a subject value's token.
SUBJECT = b"subject\x00"
#: The same for a pass code that was just made: it is as `pass_subject` would write it.
FRESH_PASS = SUBJECT + b"pass:"
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LOOK_ALIKE = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})


def epoch_of(moment: datetime) -> int:
    return moment.year * 12 + moment.month - 1


def epoch_key(epoch: int) -> str:
    return f"epoch/{epoch}"


def subject_token(keyring: Keyring | KeysInHand, epoch: int, value: str) -> bytes:
    """The 16-byte token of a subject value such as ``mobile:19400000001`` in one epoch; makes the key if absent."""
    return keyring.mac(epoch_key(epoch))(SUBJECT + value.encode())


def living_digests(keyring: Keyring, value: str) -> list[tuple[int, bytes]]:
    """The value's token in every epoch whose key still lives, newest first."""
    digests = []
    for name in keyring.names("epoch/"):
        mac = keyring.living_mac(name)
        if mac is not None:
            digests.append((int(name.removeprefix("epoch/")), mac(SUBJECT + value.encode())))
    return sorted(digests, reverse=True)


def pass_subject(pass_code: str) -> str:
    return f"pass:{normalise_pass_code(pass_code)}"


def normalise_pass_code(text: str) -> str:
    """Crockford's reading: hyphens dropped, O read as zero, I and L as one. Empty where it cannot be a pass code."""
    code = text.strip().upper()[:64].translate(_LOOK_ALIKE)
    return code if len(code) == PASS_CODE_LENGTH and set(code) <= set(_CROCKFORD) else ""


def derived_pass_code(keyring: Keyring | KeysInHand, epoch: int, scope: str) -> str:
    """The pass code of a submission with an idempotency key, so that a replay returns the first receipt whole.

    Without the epoch's key it is as random as any; whoever replays must know the idempotency key itself.
    """
    number = int.from_bytes(keyring.mac(epoch_key(epoch))(b"pass\x00" + scope.encode()), "big")
    return "".join(_CROCKFORD[number >> 5 * place & 31] for place in range(PASS_CODE_LENGTH))


def written(pass_code: str) -> str:
    """In groups of four, as people copy it."""
    return "-".join(pass_code[at : at + 4] for at in range(0, len(pass_code), 4))
