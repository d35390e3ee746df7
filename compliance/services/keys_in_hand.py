"""Keys as one writing transaction has them: each looked up once, not once a part.

A keyring asks its folder at every use, since another process may have destroyed the key meanwhile. Under the window lock,
which the gate takes shared and the destroyer of keys exclusive, nobody does until the transaction ends; so what was
found once stays found. An object of this class lives no longer than that transaction.
"""

from __future__ import annotations

from functools import cache

from compliance.ports import Keyring, Mac, PartSeal, Seal


class KeysInHand:
    def __init__(self, keyring: Keyring) -> None:
        self._sealers, self._macs = cache(keyring.sealer), cache(keyring.mac)
        self._part_sealers = cache(keyring.part_sealer)
        self._living = cache(keyring.living_mac)

    def sealer(self, name: str) -> Seal:
        return self._sealers(name)

    def part_sealer(self, name: str) -> PartSeal:
        return self._part_sealers(name)

    def mac(self, name: str) -> Mac:
        return self._macs(name)

    def living_mac(self, name: str) -> Mac | None:
        return self._living(name)
