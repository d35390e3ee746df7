"""Tiles give what the plain functions give, whatever the size and however the leaves arrived."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.domain.errors import LedgerMalformed, ProofRejected
from compliance.domain.merkle import (
    EMPTY_ROOT,
    append,
    consistency_at,
    consistency_path,
    inclusion_at,
    inclusion_path,
    leaf_hash,
    root,
    root_at,
    verify_consistency,
    verify_inclusion,
)

Tiles = dict[tuple[int, int], bytes]
LEAVES = [leaf_hash(number.to_bytes(4)) for number in range(1500)]


def lookup(tiles: Tiles, seen: list[tuple[int, int]] | None = None):  # type: ignore[no-untyped-def]
    def tile(level: int, index: int) -> bytes:
        if seen is not None:
            seen.append((level, index))
        return tiles[level, index]

    return tile


def grown(leaves: list[bytes], cuts: list[int]) -> Tiles:
    tiles: Tiles = {}
    edges = [0, *sorted(set(cuts)), len(leaves)]
    for begin, end in pairwise(edges):
        tiles |= append(leaves[begin:end], begin, lookup(tiles))
    return tiles


def test_a_log_grown_one_by_one_has_the_right_root_at_every_size() -> None:
    tiles: Tiles = {}
    assert root_at(0, lookup(tiles)) == EMPTY_ROOT
    for size, leaf in enumerate(LEAVES):
        tiles |= append([leaf], size, lookup(tiles))
        assert root_at(size + 1, lookup(tiles)) == root(LEAVES[: size + 1])


@settings(max_examples=60, deadline=None)
@given(st.data(), st.integers(1, 1500))
def test_chunks_of_any_size_give_the_same_tiles_and_proofs(data: st.DataObject, size: int) -> None:
    leaves = LEAVES[:size]
    tiles = grown(leaves, data.draw(st.lists(st.integers(0, size), max_size=12)))
    assert tiles == grown(leaves, [])

    for now in {size, data.draw(st.integers(1, size))}:
        index, old = data.draw(st.integers(0, now - 1)), data.draw(st.integers(0, now))
        assert root_at(now, lookup(tiles)) == root(leaves[:now])
        assert inclusion_at(index, now, lookup(tiles)) == inclusion_path(leaves[:now], index)
        assert consistency_at(old, now, lookup(tiles)) == consistency_path(leaves[:now], old)


def test_a_log_of_three_levels_proves_from_a_handful_of_tiles() -> None:
    leaves = [leaf_hash(number.to_bytes(4)) for number in range(70_000)]
    tiles = grown(leaves, [255, 256, 257, 65_535, 65_536, 65_537, 69_999])
    whole = root(leaves)
    assert (2, 0) in tiles
    seen: list[tuple[int, int]] = []
    assert root_at(70_000, lookup(tiles, seen)) == whole
    verify_inclusion(leaves[300], 300, 70_000, inclusion_at(300, 70_000, lookup(tiles, seen)), whole)
    path = consistency_at(65_537, 70_000, lookup(tiles, seen))
    verify_consistency(65_537, 70_000, root(leaves[:65_537]), whole, path)
    assert len(seen) <= 15


def test_appending_changes_only_the_right_edge() -> None:
    tiles = grown(LEAVES, [])
    assert set(append([LEAVES[0]], 1500, lookup(tiles))) == {(0, 5)}
    assert set(append(LEAVES[:40], 1500, lookup(tiles))) == {(0, 5), (0, 6), (1, 0)}


def test_appending_nothing_changes_nothing() -> None:
    assert append([], 1500, lookup({})) == {}


def test_full_tiles_are_256_hashes_wide() -> None:
    tiles = grown(LEAVES[:600], [])
    assert {where: len(content) // 32 for where, content in tiles.items()} == {
        (0, 0): 256,
        (0, 1): 256,
        (0, 2): 88,
        (1, 0): 2,
    }


def test_a_tile_shorter_than_the_log_is_refused() -> None:
    tiles = grown(LEAVES[:600], [])
    tiles[0, 2] = tiles[0, 2][:-32]
    with pytest.raises(LedgerMalformed, match="tile 0/2"):
        root_at(600, lookup(tiles))
    with pytest.raises(LedgerMalformed, match="tile 0/2"):
        append([LEAVES[0]], 600, lookup(tiles))


def test_a_leaf_that_is_no_hash_is_not_appended() -> None:
    with pytest.raises(ProofRejected):
        append([b"short"], 0, lookup({}))


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_a_changed_bit_in_a_tile_changes_the_root(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 255))
    tiles = grown(LEAVES[:size], [])
    bit = data.draw(st.integers(0, size * 256 - 1))
    content = bytearray(tiles[0, 0])
    content[bit // 8] ^= 1 << bit % 8
    assert root_at(size, lookup({(0, 0): bytes(content)})) != root(LEAVES[:size])
