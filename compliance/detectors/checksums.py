"""Check digits. Every function takes bare characters, without separators, and returns a truth value."""

_MOD_11_2_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_MOD_11_2_CHECKS = "10X98765432"
_USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_VIN_VALUES = dict(
    zip(
        "0123456789ABCDEFGHJKLMNPRSTUVWXYZ",
        (*range(10), *range(1, 9), *range(1, 6), 7, 9, *range(2, 10)),
        strict=True,
    )
)
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
# Every other digit doubled, less nine where that has two.
_LUHN_DOUBLED = bytes.maketrans(b"0123456789", b"0246813579")


def luhn(digits: str) -> bool:
    """ISO/IEC 7812-1 annex B: payment cards and IMEI."""
    written = digits.encode("ascii")
    total = sum(written[-1::-2]) + sum(written[-2::-2].translate(_LUHN_DOUBLED))
    return (total - ord("0") * len(written)) % 10 == 0


def mod_11_2(number: str) -> bool:
    """ISO 7064 MOD 11-2 over 17 digits and a check character, as GB 11643-1999 uses it."""
    total = sum(weight * (ord(digit) - 48) for weight, digit in zip(_MOD_11_2_WEIGHTS, number, strict=False))
    return number[17] == _MOD_11_2_CHECKS[total % 11]


def uscc(code: str) -> bool:
    """GB 32100-2015: modulo 31 over the first 17 of 18 upper-case characters."""
    total = sum(
        weight * _USCC_ALPHABET.index(char) for weight, char in zip(_USCC_WEIGHTS, code, strict=False)
    )
    return code[17] == _USCC_ALPHABET[-total % 31]


def vin(number: str) -> bool:
    """GB 16735: modulo 11, the check character in ninth place, X for ten."""
    total = sum(weight * _VIN_VALUES[char] for weight, char in zip(_VIN_WEIGHTS, number, strict=True))
    return number[8] == "0123456789X"[total % 11]
