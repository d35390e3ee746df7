"""Keys as one writing transaction has them: each looked up once, not once a part.

A keyring asks its folder at every use, since another process may have destroyed the key meanwhile. Under the window lock,
which the gate takes shared and the destroyer of keys exclusive, nobody does until the transaction ends; so what was
found once stays found. An object of this class lives no longer than that transaction.
"""

from __future__ import annotations

from compliance.ports import Keyring, Mac, PartSeal, Seal


class KeysInHand:
    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring
        self._sealers: dict[str, Seal] = {}
        self._part_sealers: dict[str, PartSeal] = {}
        self._macs: dict[str, Mac] = {}
        self._living: dict[str, Mac | None] = {}

    def sealer(self, name: str) -> Seal:
        if name not in self._sealers:
            self._sealers[name] = self._keyring.sealer(name)
        return self._sealers[name]

    def part_sealer(self, name: str) -> PartSeal:
        if name not in self._part_sealers:
            self._part_sealers[name] = self._keyring.part_sealer(name)
        return self._part_sealers[name]

    def mac(self, name: str) -> Mac:
        if name not in self._macs:
            self._macs[name] = self._keyring.mac(name)
        return self._macs[name]

    def living_mac(self, name: str) -> Mac | None:
        if name not in self._living:
            self._living[name] = self._keyring.living_mac(name)
        return self._living[name]
