"""The tree against the published vectors of RFC 6962 implementations, then against the RFC's own recursion."""

from collections.abc import Sequence
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.domain.errors import ProofRejected
from compliance.domain.merkle import (
    EMPTY_ROOT,
    consistency_path,
    inclusion_path,
    leaf_hash,
    node_hash,
    root,
    verify_consistency,
    verify_inclusion,
)

# The reference tree of google/certificate-transparency (merkletree tests), used by every implementation since.
INPUTS = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
LEAVES = [leaf_hash(bytes.fromhex(one)) for one in INPUTS]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
N01 = ROOTS[2]
N03 = ROOTS[4]
N23 = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
N45 = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
N47 = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"
N67 = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
L0 = ROOTS[1]
L1 = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
L4 = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"

INCLUSION = [(0, 1, []), (0, 8, [L1, N23, N47]), (5, 8, [L4, N67, N03]), (2, 3, [N01]), (1, 5, [L0, N23, L4])]
CONSISTENCY = [(1, 1, []), (1, 8, [L1, N23, N47]), (6, 8, [N45, N67, N03]), (2, 5, [N23, L4])]


def hexes(path: Sequence[bytes]) -> list[str]:
    return [one.hex() for one in path]


@pytest.mark.parametrize("size", range(9))
def test_roots_equal_the_published_ones(size: int) -> None:
    assert root(LEAVES[:size]).hex() == ROOTS[size]


@pytest.mark.parametrize(("index", "size", "path"), INCLUSION)
def test_inclusion_paths_equal_the_published_ones(index: int, size: int, path: list[str]) -> None:
    assert hexes(inclusion_path(LEAVES[:size], index)) == path

    verify_inclusion(
        LEAVES[index], index, size, [bytes.fromhex(one) for one in path], bytes.fromhex(ROOTS[size])
    )


@pytest.mark.parametrize(("old", "new", "path"), CONSISTENCY)
def test_consistency_paths_equal_the_published_ones(old: int, new: int, path: list[str]) -> None:
    assert hexes(consistency_path(LEAVES[:new], old)) == path

    steps = [bytes.fromhex(one) for one in path]
    verify_consistency(old, new, bytes.fromhex(ROOTS[old]), bytes.fromhex(ROOTS[new]), steps)


# RFC 6962 §2.1 to §2.1.2, written down as the RFC has it and used nowhere else.


def k(n: int) -> int:
    return max(1 << e for e in range(n.bit_length()) if 1 << e < n)


def rfc_root(d: Sequence[bytes]) -> bytes:
    if not d:
        return sha256(b"").digest()
    return d[0] if len(d) == 1 else node_hash(rfc_root(d[: k(len(d))]), rfc_root(d[k(len(d)) :]))


def rfc_path(m: int, d: Sequence[bytes]) -> list[bytes]:
    if len(d) == 1:
        return []
    cut = k(len(d))
    if m < cut:
        return [*rfc_path(m, d[:cut]), rfc_root(d[cut:])]
    return [*rfc_path(m - cut, d[cut:]), rfc_root(d[:cut])]


def rfc_subproof(m: int, d: Sequence[bytes], whole: bool) -> list[bytes]:
    if m == len(d):
        return [] if whole else [rfc_root(d)]
    cut = k(len(d))
    if m <= cut:
        return [*rfc_subproof(m, d[:cut], whole), rfc_root(d[cut:])]
    return [*rfc_subproof(m - cut, d[cut:], False), rfc_root(d[:cut])]


MANY = [leaf_hash(f"entry {number}".encode()) for number in range(70)]


@pytest.mark.parametrize("size", range(1, 71))
def test_every_small_tree_follows_the_rfc(size: int) -> None:
    leaves = MANY[:size]
    assert root(leaves) == rfc_root(leaves)
    for place in range(size):
        assert list(inclusion_path(leaves, place)) == rfc_path(place, leaves)
        verify_inclusion(leaves[place], place, size, inclusion_path(leaves, place), root(leaves))
    for old in range(size + 1):
        path = consistency_path(leaves, old)
        assert list(path) == (rfc_subproof(old, leaves, True) if old else [])
        verify_consistency(old, size, root(leaves[:old]), root(leaves), path)


@given(st.data(), st.integers(1, 40))
def test_a_leaf_proves_at_no_other_place(data: st.DataObject, size: int) -> None:
    leaves, index = MANY[:size], data.draw(st.integers(0, size - 1))
    path = inclusion_path(leaves, index)
    for other in range(-1, size + 2):
        if other != index:
            with pytest.raises(ProofRejected):
                verify_inclusion(leaves[index], other, size, path, root(leaves))


@given(st.data(), st.integers(1, 40))
def test_a_changed_hash_in_a_proof_is_noticed(data: st.DataObject, size: int) -> None:
    leaves, index = MANY[:size], data.draw(st.integers(0, size - 1))
    hashes = [leaves[index], root(leaves), *inclusion_path(leaves, index)]
    place, bit = data.draw(st.integers(0, len(hashes) - 1)), data.draw(st.integers(0, 255))
    hashes[place] = (int.from_bytes(hashes[place]) ^ 1 << bit).to_bytes(32)
    with pytest.raises(ProofRejected):
        verify_inclusion(hashes[0], index, size, hashes[2:], hashes[1])


@given(st.data(), st.integers(2, 40))
def test_a_changed_hash_in_a_consistency_proof_is_noticed(data: st.DataObject, size: int) -> None:
    leaves, old = MANY[:size], data.draw(st.integers(1, size))
    hashes = [root(leaves[:old]), root(leaves), *consistency_path(leaves, old)]
    place, bit = data.draw(st.integers(0, len(hashes) - 1)), data.draw(st.integers(0, 255))
    hashes[place] = (int.from_bytes(hashes[place]) ^ 1 << bit).to_bytes(32)
    with pytest.raises(ProofRejected):
        verify_consistency(old, size, hashes[0], hashes[1], hashes[2:])


@given(st.data(), st.integers(2, 40))
def test_a_rewritten_past_cannot_be_proven_consistent(data: st.DataObject, size: int) -> None:
    leaves, old = MANY[:size], data.draw(st.integers(1, size - 1))
    seen = root(leaves[:old])
    place = data.draw(st.integers(0, old - 1))
    gone, swapped = [*leaves[:place], *leaves[place + 1 :], MANY[-1]], list(leaves)
    swapped[place], swapped[-1] = swapped[-1], swapped[place]
    for forged in (gone, swapped):
        with pytest.raises(ProofRejected):
            verify_consistency(old, size, seen, root(forged), consistency_path(forged, old))


@pytest.mark.parametrize("change", [lambda path: path[:-1], lambda path: [*path, EMPTY_ROOT]])
def test_a_shortened_or_lengthened_proof_is_refused(change: object) -> None:
    assert callable(change)
    for size in range(2, 20):
        leaves = MANY[:size]
        with pytest.raises(ProofRejected):
            verify_inclusion(leaves[1], 1, size, change(list(inclusion_path(leaves, 1))), root(leaves))
        with pytest.raises(ProofRejected):
            verify_consistency(1, size, leaves[0], root(leaves), change(list(consistency_path(leaves, 1))))


def test_a_proof_for_a_single_leaf_holds_no_hashes() -> None:
    with pytest.raises(ProofRejected):
        verify_inclusion(MANY[0], 0, 1, [MANY[1]], MANY[0])


def test_an_old_tree_of_odd_size_needs_hashes() -> None:
    with pytest.raises(ProofRejected, match="too short"):
        verify_consistency(3, 5, root(MANY[:3]), root(MANY[:5]), [])


def test_two_trees_of_one_size_are_equal_or_refused() -> None:
    verify_consistency(3, 3, root(MANY[:3]), root(MANY[:3]), [])
    with pytest.raises(ProofRejected):
        verify_consistency(3, 3, root(MANY[:3]), root(MANY[1:4]), [])
    with pytest.raises(ProofRejected):
        verify_consistency(3, 3, root(MANY[:3]), root(MANY[:3]), [MANY[0]])


def test_everything_follows_from_the_empty_tree_and_only_from_it() -> None:
    verify_consistency(0, 3, EMPTY_ROOT, root(MANY[:3]), [])
    with pytest.raises(ProofRejected):
        verify_consistency(0, 3, MANY[0], root(MANY[:3]), [])


def test_a_tree_does_not_shrink() -> None:
    with pytest.raises(ProofRejected):
        consistency_path(MANY[:3], 4)
    with pytest.raises(ProofRejected):
        verify_consistency(4, 3, root(MANY[:4]), root(MANY[:3]), [])


def test_a_place_outside_the_tree_has_no_path() -> None:
    for index in (-1, 3):
        with pytest.raises(ProofRejected):
            inclusion_path(MANY[:3], index)


def test_a_hash_of_another_length_is_refused() -> None:
    with pytest.raises(ProofRejected):
        root([b"short"])
    with pytest.raises(ProofRejected):
        verify_inclusion(MANY[0], 0, 2, [b"short"], root(MANY[:2]))
