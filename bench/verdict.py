"""The verdict alone against pydantic on the same rules of form; no detector looks on either side."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    StringConstraints,
    ValidationError,
    model_validator,
)

from bench.figures import Course, Figure, seconds
from bench.home import PACK, START, MovingClock, submissions
from compliance.domain.formats import FURTHEST
from compliance.domain.submission import CLOCK_SKEW
from compliance.policies.instruments import INSTRUMENTS
from compliance.policies.loader import load
from compliance.services.lanes import Lanes

GOAL = 1.5
EARLIEST, LATEST = START - FURTHEST, START + CLOCK_SKEW


class Contractor(BaseModel):
    """The fields of pack/contractor.yaml, as one would write them for pydantic."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[
        str, StringConstraints(pattern=r"^[A-Za-z\u4e00-\u9fa5][A-Za-z\u4e00-\u9fa5 ·.'-]{0,29}$")
    ]
    phone: Annotated[str, StringConstraints(pattern=r"^1[3-9][0-9]{9}$")] | None = None
    room: Annotated[
        str, StringConstraints(pattern=r"^[0-9]{1,4}(?:[-#/栋幢座号楼单元层]{1,2}[0-9]{1,4}){0,3}室?$")
    ]
    task: Literal["维修", "保洁", "安装", "其他"] | None = None
    entry_time: AwareDatetime | None = None
    exit_time: AwareDatetime | None = None

    @model_validator(mode="after")
    def in_order(self) -> Self:
        for moment in (self.entry_time, self.exit_time):
            if moment is not None and not EARLIEST < moment <= LATEST:
                raise ValueError("out of range")
        if self.entry_time and self.exit_time and self.exit_time < self.entry_time:
            raise ValueError("out of order")
        return self


def verdict(runs: int, records: int) -> Iterator[Figure]:
    lane = Lanes(load(PACK), INSTRUMENTS).lane("contractor", "desk", consented=False)
    if lane is None:
        raise AssertionError("the bench's own category has no lane")
    fits, course = lane.fits, Course("verdict_against_pydantic", "none")
    sent: list[Any] = [
        one["fields"] for one in submissions(records, MovingClock(), random.Random(20260306), keyed=False)
    ]
    sent += [{**fields, "id_number": "x"} for fields in sent[: records // 10]]

    def ours() -> int:
        return sum(fits(fields, EARLIEST, LATEST) is not None for fields in sent)

    def theirs() -> int:
        return sum(_valid(fields) for fields in sent)

    if not ours() == theirs() == records:
        raise AssertionError("the two sides do not judge alike")
    for _ in range(runs + 1):
        course.engine.append(seconds(ours))
        course.bare.append(seconds(theirs))
    yield course.figure(len(sent), goal=GOAL)


def _valid(fields: object) -> bool:
    try:
        Contractor.model_validate(fields)
    except ValidationError:
        return False
    return True
