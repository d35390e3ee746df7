"""Drops the value. Nothing of it remains, so nothing of it can be restored."""

from compliance.anonymisers.strategy import Strategy, check_type


def apply(field_type: str, value: str) -> None:
    """Return nothing, for any value of a known type."""
    check_type(field_type)


STRATEGY = Strategy(name="suppress", outcome="anonymised", apply=apply)
