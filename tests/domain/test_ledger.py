"""An entry has one spelling, for ever; whoever changes, drops or swaps one is noticed."""

from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.domain.errors import LedgerMalformed, ProofRejected
from compliance.domain.ledger import (
    MAX_BYTES,
    Act,
    Entry,
    canonical,
    counted,
    entry_leaf,
    member_leaf,
    member_path,
    members_root,
    parse,
)
from compliance.domain.merkle import inclusion_path, leaf_hash, root, verify_inclusion

ERASED = Entry(
    act=Act.ERASED,
    site="main",
    category="visitor",
    day="2026-04-01",
    count=3,
    facts=(("rule", "visitor 30d"), ("article", "PIPL 47(1)(1)")),
    members=b"\xab" * 32,
)

# The golden form. If this test fails the format has changed, and every ledger in the world stops verifying:
# do not mend the test, give the new shape a new version byte.
GOLDEN = (
    b'\x01{"act":"erased","category":"visitor","count":3,"day":"2026-04-01",'
    b'"facts":{"article":"PIPL 47(1)(1)","rule":"visitor 30d"},"members":"' + b"ab" * 32 + b'","site":"main"}'
)

texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20)
integers = st.integers(-(2**53) + 1, 2**53 - 1)
names = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)
entries = st.builds(
    Entry,
    act=st.sampled_from(Act),
    site=texts,
    category=texts,
    day=st.dates().map(lambda day: day.isoformat()),
    count=st.integers(1, 2**53 - 1),
    facts=st.dictionaries(names, texts | integers, max_size=5).map(lambda facts: tuple(facts.items())),
    members=st.none() | st.binary(min_size=32, max_size=32),
)

logs = st.integers(2, 40).map(lambda size: [replace(ERASED, count=count) for count in range(1, size + 1)])


def test_the_sealed_form_of_an_entry_never_changes() -> None:
    assert canonical(ERASED) == GOLDEN
    assert parse(GOLDEN) == ERASED
    assert entry_leaf(ERASED) == sha256(b"\x00" + GOLDEN).digest()


def test_an_entry_without_members_leaves_the_field_out() -> None:
    alone = replace(ERASED, members=None)
    assert b"members" in canonical(ERASED)

    assert b"members" not in canonical(alone)
    assert parse(canonical(alone)) == alone


@given(entries)
def test_reading_what_was_written_gives_it_back(entry: Entry) -> None:
    assert parse(canonical(entry)) == entry


@given(entries)
def test_the_columns_beside_an_entry_say_what_it_says(entry: Entry) -> None:
    assert counted(canonical(entry)) == (entry.act, entry.site, entry.category, entry.day, entry.count)


@pytest.mark.parametrize(
    "sealed", [b"", b"\x02{}", b"\x01", b"\x01{}", b"\x01[1]", b"\x01\xff", b'\x01{"act":']
)
def test_what_has_no_columns_is_not_numbered(sealed: bytes) -> None:
    with pytest.raises(LedgerMalformed):
        counted(sealed)


@given(entries, st.randoms())
def test_the_order_in_which_facts_are_told_does_not_matter(entry: Entry, random: Any) -> None:
    told = list(entry.facts)
    random.shuffle(told)
    assert canonical(replace(entry, facts=tuple(told))) == canonical(entry)


@given(entries, st.data())
def test_a_changed_bit_is_refused_or_gives_another_leaf(entry: Entry, data: st.DataObject) -> None:
    sealed = bytearray(canonical(entry))
    bit = data.draw(st.integers(0, len(sealed) * 8 - 1))
    sealed[bit // 8] ^= 1 << bit % 8
    try:
        changed = parse(bytes(sealed))
    except LedgerMalformed:
        return
    assert entry_leaf(changed) != entry_leaf(entry)


@given(st.binary(max_size=200))
def test_whatever_is_not_an_entry_is_refused_and_nothing_else_happens(noise: bytes) -> None:
    for sealed in (noise, b"\x01" + noise):
        with pytest.raises(LedgerMalformed):
            parse(sealed)


def sealed_as(old: bytes, new: bytes) -> bytes:
    assert GOLDEN.count(old) == 1
    return GOLDEN.replace(old, new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"count":3', b'"count": 3'),
        (b'"count":3', b'"count":3.0'),
        (b'"count":3', b'"count":3e0'),
        (b'"count":3', b'"count":03'),
        (b'"count":3', b'"count":-3'),
        (b'"count":3', b'"count":0'),
        (b'"count":3', b'"count":true'),
        (b'"count":3', b'"count":null'),
        (b'"count":3', b'"count":"3"'),
        (b'"count":3', b'"count":3,"count":3'),
        (b'"count":3', b'"count":9007199254740992'),
        (b'"count":3', b'"count":' + b"9" * 5000),
        (b'"count":3,', b""),
        (b'"count":3', b'"count":3,"extra":1'),
        (b'"act":"erased"', b'"act":"forgotten"'),
        (b'"act":"erased"', b'"act":["erased"]'),
        (b'"visitor"', b'"\\u0076isitor"'),
        (b'"visitor"', b'"\\ud800"'),
        (b'"visitor"', b'"\xff"'),
        (b'"visitor"', b'"a\\nb"'),
        (b'"visitor 30d"', b"1.5"),
        (b'"visitor 30d"', b"NaN"),
        (b'"visitor 30d"', b"null"),
        (b'"visitor 30d"', b"true"),
        (b'"visitor 30d"', b'["visitor"]'),
        (b'"visitor 30d"', b'{"keep":30}'),
        (b'"visitor 30d"', b"-0"),
        (b'"rule"', b'"Rule"'),
        (b'"rule"', b'"article"'),
        (
            b'"article":"PIPL 47(1)(1)","rule":"visitor 30d"',
            b'"rule":"visitor 30d","article":"PIPL 47(1)(1)"',
        ),
        (b'{"article":"PIPL 47(1)(1)","rule":"visitor 30d"}', b"[]"),
        (b"ab" * 32, b"AB" * 32),
        (b"ab" * 32, b"ab" * 31),
        (b"ab" * 32, b""),
        (b'"' + b"ab" * 32 + b'"', b"null"),
        (b'"2026-04-01"', b'"2026-04-31"'),
        (b'"2026-04-01"', b'"20260401"'),
        (b'"2026-04-01"', b'"2026-W14-3"'),
        (b'"main"}', b'"main"} '),
        (b'"main"}', b'"main"}{}'),
        (b"\x01{", b"\x02{"),
        (b"\x01{", b"\x01\xef\xbb\xbf{"),
        (b"\x01{", b"{"),
    ],
)
def test_another_spelling_or_shape_is_refused(old: bytes, new: bytes) -> None:
    with pytest.raises(LedgerMalformed):
        parse(sealed_as(old, new))


@pytest.mark.parametrize(
    "sealed", [b"", b"\x01", b"\x01" + b"[" * 60_000, b"\x01" + b" " * MAX_BYTES, b"\x01[]"]
)
def test_bytes_that_are_no_object_are_refused(sealed: bytes) -> None:
    with pytest.raises(LedgerMalformed):
        parse(sealed)


@pytest.mark.parametrize(
    "change",
    [
        {"act": "erased"},
        {"site": None},
        {"site": "a\x00b"},
        {"category": "\ud800"},
        {"day": "today"},
        {"count": True},
        {"count": 1.0},
        {"count": -1},
        {"count": 0},
        {"members": b"short"},
        {"members": "ab" * 16},
        {"facts": (("a", 1.5),)},
        {"facts": (("a", None),)},
        {"facts": (("a", ("b",)),)},
        {"facts": (("a", True),)},
        {"facts": (("a", 2**53),)},
        {"facts": (("A", 1),)},
        {"facts": (("a", 1), ("a", 2))},
    ],
)
def test_an_entry_that_has_no_sealed_form_cannot_be_made(change: dict[str, Any]) -> None:
    with pytest.raises(LedgerMalformed):
        replace(ERASED, **change)


def test_an_entry_too_long_for_a_tile_is_not_sealed() -> None:
    with pytest.raises(LedgerMalformed, match="too long"):
        canonical(replace(ERASED, site="长" * 30_000))


def test_an_error_names_the_field_and_not_the_value() -> None:
    with pytest.raises(LedgerMalformed) as caught:
        parse(sealed_as(b'"visitor 30d"', b'"canary\\n"'))
    assert "rule" in str(caught.value)
    assert "canary" not in str(caught.value)
    assert caught.value.__cause__ is None


class TestWhenEntriesAreInTheLog:
    @given(logs, st.data())
    def test_a_dropped_entry_changes_the_root(self, log: list[Entry], data: st.DataObject) -> None:
        leaves = [entry_leaf(entry) for entry in log]
        place = data.draw(st.integers(0, len(log) - 1))
        assert root(leaves[:place] + leaves[place + 1 :]) != root(leaves)

    @given(logs, st.data())
    def test_two_swapped_entries_change_the_root(self, log: list[Entry], data: st.DataObject) -> None:
        leaves = [entry_leaf(entry) for entry in log]
        one, other = data.draw(st.lists(st.integers(0, len(log) - 1), min_size=2, max_size=2, unique=True))
        swapped = list(leaves)
        swapped[one], swapped[other] = leaves[other], leaves[one]
        assert root(swapped) != root(leaves)

    @given(logs, st.data())
    def test_a_changed_bit_in_any_entry_breaks_its_proof(self, log: list[Entry], data: st.DataObject) -> None:
        leaves = [entry_leaf(entry) for entry in log]
        place = data.draw(st.integers(0, len(log) - 1))
        path = inclusion_path(leaves, place)
        sealed = bytearray(canonical(log[place]))
        verify_inclusion(leaf_hash(bytes(sealed)), place, len(log), path, root(leaves))

        bit = data.draw(st.integers(0, len(sealed) * 8 - 1))
        sealed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(ProofRejected):
            verify_inclusion(leaf_hash(bytes(sealed)), place, len(log), path, root(leaves))


class TestWhenABatchHasMembers:
    members = (("202603-b", "1"), ("202603-a", "1"), ("202602-c", "all"), ("202603-a", "2"))

    def test_a_member_leaf_never_changes(self) -> None:
        preimage = b"\x00\x01erased\x00202603-a\x00all"
        assert member_leaf(Act.ERASED, "202603-a", "all") == sha256(preimage).digest()

    @given(st.permutations(members))
    def test_the_root_does_not_depend_on_the_order_of_the_batch(self, order: list[tuple[str, str]]) -> None:
        assert members_root(Act.ERASED, order) == members_root(Act.ERASED, self.members)

    def test_every_member_is_proven_under_the_root(self) -> None:
        whole = members_root(Act.ERASED, self.members)
        for member in self.members:
            index, path = member_path(Act.ERASED, self.members, member)
            verify_inclusion(member_leaf(Act.ERASED, *member), index, len(self.members), path, whole)

    def test_another_act_gives_another_root(self) -> None:
        assert members_root(Act.ERASED, self.members) != members_root(Act.RESTRICTED, self.members)

    def test_two_members_never_run_together(self) -> None:
        assert member_leaf(Act.ERASED, "ab", "c") != member_leaf(Act.ERASED, "a", "bc")
        for holding, parts in (("a\x00b", "c"), ("a", "b\x00c"), ("", "c"), ("\ud800", "c")):
            with pytest.raises(LedgerMalformed):
                member_leaf(Act.ERASED, holding, parts)

    def test_a_batch_without_members_or_with_one_twice_is_refused(self) -> None:
        with pytest.raises(LedgerMalformed):
            members_root(Act.ERASED, [])
        with pytest.raises(LedgerMalformed):
            members_root(Act.ERASED, [("a", "1"), ("a", "1")])

    def test_a_stranger_has_no_path(self) -> None:
        with pytest.raises(LedgerMalformed):
            member_path(Act.ERASED, self.members, ("202603-z", "1"))


@given(
    st.lists(
        st.tuples(st.from_regex(r"2603-[a-z2-7]{20}", fullmatch=True), st.sampled_from(["", "0", "0,1"])),
        min_size=1,
        max_size=9,
        unique=True,
    )
)
def test_the_root_of_many_members_is_the_root_of_each_alone(members: list[tuple[str, str]]) -> None:
    each = [member_leaf(Act.ADMITTED, *member) for member in sorted(members)]

    assert members_root(Act.ADMITTED, members) == root(each)
