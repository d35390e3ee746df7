"""Hypothesis: submissions near and far from what the policy admits, and histories of a record's life."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import strategies as st

from compliance.domain.vocabulary import Channel
from tests.builders import MOBILE, START, a_full_submission, a_pack

CATEGORIES = sorted(a_pack().categories)
ID_NUMBER = "100000199001010011"

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=30)
    | st.sampled_from(
        ["", "\x00", "\ud800", "张三", MOBILE, ID_NUMBER, "京A00000", START.isoformat(), "x" * 5000]
    ),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=10,
)

# Names that policies know, names that nobody may collect, and names that nobody has thought of.
names = st.sampled_from(
    [
        *sorted({name for policy in a_pack().categories.values() for name in policy.fields}),
        *(
            "id_number",
            "id_photo",
            "face",
            "health_code",
            "身份证号",
            "host_name",
            "__class__",
            "",
            "visitor_name ",
        ),
    ]
) | st.text(max_size=12)

_MEMBERS = [
    "category",
    "channel",
    "site",
    "collected_at",
    "key",
    "fields",
    "declined",
    "notice",
    "consent",
    "pass",
]


@st.composite
def mutated(draw: st.DrawFn) -> Any:
    """A submission that fits, with up to four things done to it anywhere inside."""
    raw: Any = copy.deepcopy(a_full_submission(draw(st.sampled_from(CATEGORIES))))
    for _ in range(draw(st.integers(0, 4))):
        place = raw if draw(st.booleans()) else raw.get("fields")
        if not isinstance(place, dict):
            continue
        match draw(st.sampled_from(["replace", "add", "drop", "swap", "channel", "nest"])):
            case "replace" if place:
                place[draw(st.sampled_from(sorted(place, key=str)))] = draw(json_values)
            case "add":
                place[draw(names | st.sampled_from(_MEMBERS))] = draw(json_values)
            case "drop" if place:
                place.pop(draw(st.sampled_from(sorted(place, key=str))))
            case "swap" if len(place) > 1:
                one, other = draw(st.permutations(sorted(place, key=str)))[:2]
                place[one], place[other] = place[other], place[one]
            case "channel":
                raw["channel"] = draw(st.sampled_from([one.value for one in Channel]))
            case "nest" if place:
                name = draw(st.sampled_from(sorted(place, key=str)))
                place[name] = {name: place[name]}
            case _:
                pass
    return raw


# Mostly near misses and hits: noise alone is refused for its form, and shows little.
submissions = (
    mutated()
    | mutated()
    | mutated()
    | mutated()
    | json_values
    | st.dictionaries(st.sampled_from(_MEMBERS), json_values, max_size=9)
)

#: What may happen to a house, one word each.
happenings = st.lists(
    st.sampled_from(
        ["write", "deliver", "exit", "hold", "hold all", "release", "sweep", "hour", "day", "fortnight"]
    ),
    min_size=3,
    max_size=14,
)
