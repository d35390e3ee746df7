"""The Merkle tree of RFC 6962 and RFC 9162 §2.1: roots, proofs, and the tiles that keep them cheap.

Leaf hash = SHA-256(0x00 ‖ entry), node = SHA-256(0x01 ‖ left ‖ right), so a node can never be passed off as a
leaf. Everything here speaks of *leaf hashes* of 32 bytes; `leaf_hash` makes one.

The proofs are written once, over a function that hashes any run of leaves. Given a list it hashes the list;
given tiles (C2SP tlog-tiles, height 8: https://c2sp.org/tlog-tiles) it reads a handful of them whatever the
size of the log.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from hashlib import sha256

from compliance.domain.errors import LedgerMalformed, ProofRejected

HASH_BYTES = 32
TILE_HEIGHT = 8
TILE_WIDTH = 1 << TILE_HEIGHT

#: The root of a tree without leaves (RFC 9162 §2.1.1).
EMPTY_ROOT = sha256(b"").digest()

#: (level, index) → the hashes of that tile, concatenated. A right-edge tile may be partial, or longer than
#: asked for.
Tile = Callable[[int, int], bytes]

#: (begin, end) → the hash over leaves begin to end - 1, end exclusive and at least begin + 1.
_Run = Callable[[int, int], bytes]


def leaf_hash(entry: bytes) -> bytes:
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """The root over the leaf hashes, in their order."""
    return _run_over(leaves)(0, len(leaves)) if leaves else EMPTY_ROOT


def inclusion_path(leaves: Sequence[bytes], index: int) -> tuple[bytes, ...]:
    """The hashes that lead from leaf `index` to the root, from the leaf upwards."""
    return _inclusion(index, len(leaves), _run_over(leaves))


def consistency_path(leaves: Sequence[bytes], old_size: int) -> tuple[bytes, ...]:
    """The hashes that show the tree over the first `old_size` leaves to be a beginning of this one."""
    return _consistency(old_size, len(leaves), _run_over(leaves))


# The two verifications follow RFC 9162 step by step, and share no code with the proofs, so that one checks
# the other.


def verify_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], expected: bytes) -> None:
    """Raises ProofRejected unless `path` leads from `leaf` at `index` to the root of `size` leaves
    (§2.1.3.2).
    """
    if not 0 <= index < size:
        raise ProofRejected("index: outside the tree")
    _check_hashes(leaf, expected, *path)
    place, last, reached = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            raise ProofRejected("path: too long")
        if place & 1 or place == last:
            reached = node_hash(sibling, reached)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            reached = node_hash(reached, sibling)
        place, last = place >> 1, last >> 1
    if last or reached != expected:
        raise ProofRejected("path: does not lead to the root")


def verify_consistency(
    old_size: int, new_size: int, old_root: bytes, new_root: bytes, path: Sequence[bytes]
) -> None:
    """Raises ProofRejected unless the old tree is a beginning of the new one (§2.1.4.2)."""
    _check_hashes(old_root, new_root, *path)
    if not 0 <= old_size <= new_size:
        raise ProofRejected("size: the old tree is larger than the new one")
    if old_size in (0, new_size):
        _verify_trivial_consistency(old_size, new_size, old_root, new_root, path)
        return
    steps = list(path) if old_size & (old_size - 1) else [old_root, *path]
    place, last = old_size - 1, new_size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    if not steps:
        raise ProofRejected("path: too short")
    old = new = steps[0]
    for sibling in steps[1:]:
        if last == 0:
            raise ProofRejected("path: too long")
        if place & 1 or place == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        place, last = place >> 1, last >> 1
    if last or old != old_root or new != new_root:
        raise ProofRejected("path: does not lead to both roots")


def _verify_trivial_consistency(
    old_size: int, new_size: int, old_root: bytes, new_root: bytes, path: Sequence[bytes]
) -> None:
    """The RFC leaves out the empty and the equal tree; both need no hashes, but neither may contradict
    itself.
    """
    if path:
        raise ProofRejected("path: too long")
    if old_size == 0 and old_root != EMPTY_ROOT:
        raise ProofRejected("old_root: not the root of an empty tree")
    if old_size == new_size and old_root != new_root:
        raise ProofRejected("root: two trees of one size")


def append(leaves: Sequence[bytes], size: int, tile: Tile) -> dict[tuple[int, int], bytes]:
    """The tiles that change, whole, when `leaves` follow the first `size` leaves. Level 0 holds the leaf
    hashes; each hash of level n + 1 is the root of one full tile of level n.
    """
    _check_hashes(*leaves)
    changed: dict[tuple[int, int], bytes] = {}
    level, held, rising = 0, size, list(leaves)
    while rising:
        index, partial = divmod(held, TILE_WIDTH)
        hashes = _hashes(tile, level, index, 0, partial) + rising if partial else rising
        rising = []
        for begin in range(0, len(hashes), TILE_WIDTH):
            content = hashes[begin : begin + TILE_WIDTH]
            changed[level, index + begin // TILE_WIDTH] = b"".join(content)
            if len(content) == TILE_WIDTH:
                rising.append(_fold(content))
        level, held = level + 1, index
    return changed


def root_at(size: int, tile: Tile) -> bytes:
    """The root of the first `size` leaves."""
    return _run_in(tile)(0, size) if size else EMPTY_ROOT


def inclusion_at(index: int, size: int, tile: Tile) -> tuple[bytes, ...]:
    """As `inclusion_path`, over the first `size` leaves."""
    return _inclusion(index, size, _run_in(tile))


def consistency_at(old_size: int, new_size: int, tile: Tile) -> tuple[bytes, ...]:
    """As `consistency_path`, over the first `new_size` leaves."""
    return _consistency(old_size, new_size, _run_in(tile))


def _inclusion(index: int, size: int, run: _Run) -> tuple[bytes, ...]:
    """PATH of RFC 6962 §2.1.1, from the root downwards and then turned round."""
    if not 0 <= index < size:
        raise ProofRejected("index: outside the tree")
    path: list[bytes] = []
    begin, end = 0, size
    while end - begin > 1:
        middle = begin + _split(end - begin)
        if index < middle:
            path.append(run(middle, end))
            end = middle
        else:
            path.append(run(begin, middle))
            begin = middle
    return tuple(reversed(path))


def _consistency(old_size: int, new_size: int, run: _Run) -> tuple[bytes, ...]:
    """PROOF and SUBPROOF of RFC 6962 §2.1.2. `whole` says that the old root itself is still the run in hand."""
    if not 0 <= old_size <= new_size:
        raise ProofRejected("size: the old tree is larger than the new one")
    if old_size in (0, new_size):
        return ()
    path: list[bytes] = []
    begin, end, whole = 0, new_size, True
    while old_size < end:
        middle = begin + _split(end - begin)
        if old_size <= middle:
            path.append(run(middle, end))
            end = middle
        else:
            path.append(run(begin, middle))
            begin, whole = middle, False
    if not whole:
        path.append(run(begin, end))
    return tuple(reversed(path))


def _run_over(leaves: Sequence[bytes]) -> _Run:
    _check_hashes(*leaves)
    return lambda begin, end: _fold(leaves[begin:end])


def _run_in(tile: Tile) -> _Run:
    """Hashes runs from tiles. A run begins on a boundary of its own size rounded up, so it falls into perfect
    subtrees from left to right, each of which is a stretch of a single tile.
    """
    tile = functools.cache(tile)

    def run(begin: int, end: int) -> bytes:
        subtrees: list[bytes] = []
        while begin < end:
            height = (end - begin).bit_length() - 1
            level, inner = divmod(height, TILE_HEIGHT)
            index, offset = divmod(begin >> (level * TILE_HEIGHT), TILE_WIDTH)
            subtrees.append(_fold(_hashes(tile, level, index, offset, offset + (1 << inner))))
            begin += 1 << height
        return functools.reduce(lambda right, left: node_hash(left, right), reversed(subtrees))

    return run


def _hashes(tile: Tile, level: int, index: int, begin: int, end: int) -> list[bytes]:
    content = tile(level, index)
    if len(content) < end * HASH_BYTES:
        raise LedgerMalformed(f"tile {level}/{index}: shorter than the log")
    return [content[place * HASH_BYTES : (place + 1) * HASH_BYTES] for place in range(begin, end)]


def _fold(hashes: Sequence[bytes]) -> bytes:
    """The root over at least one hash. Pairing neighbours and letting the odd one rise gives the RFC's tree."""
    while len(hashes) > 1:
        paired = [node_hash(hashes[i], hashes[i + 1]) for i in range(0, len(hashes) - 1, 2)]
        hashes = [*paired, hashes[-1]] if len(hashes) & 1 else paired
    return hashes[0]


def _split(count: int) -> int:
    """The largest power of two smaller than `count` (RFC 6962 §2.1)."""
    return 1 << ((count - 1).bit_length() - 1)


def _check_hashes(*hashes: bytes) -> None:
    if any(len(one) != HASH_BYTES for one in hashes):
        raise ProofRejected(f"hash: not {HASH_BYTES} bytes")
