"""What a field may hold, how it is kept and how it is shown: before and after."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from compliance.domain import difference_words as words
from compliance.domain.change import Change, Direction, Spot
from compliance.domain.difference_sides import Aspect, Sides
from compliance.domain.period_order import never_longer
from compliance.domain.policy import FieldRule
from compliance.domain.schedule import Period
from compliance.domain.vocabulary import FieldType, OnIdentifier, ShowAs, StoreForm

# What is kept, least first; forms of one rank keep the same.
_KEPT = {StoreForm.MATCH: 0, StoreForm.MASKED: 1, StoreForm.TOKEN: 2}
_LENIENT = {OnIdentifier.REFUSE: 0, OnIdentifier.STRIP: 1, OnIdentifier.FLAG: 2}
_UTC = ZoneInfo("UTC")
_CLOCK_SKEW = Period(minutes=5)  # a field without `furthest` may lie this far ahead, see `formats`


def _type(was: FieldRule, now: FieldRule, at: Spot, _: Sides) -> Iterator[Change]:
    if was.type is not now.type:
        yield at.change("type", Direction.WIDENS, "改为收集另一种内容", f"{now.type} instead of {was.type}")


def _store(was: FieldRule, now: FieldRule, at: Spot, _: Sides) -> Iterator[Change]:
    if was.store is not now.store:
        before, after = _KEPT.get(was.store, 3), _KEPT.get(now.store, 3)
        (zh, en), (zh2, en2) = words.STORE[was.store], words.STORE[now.store]
        yield at.moved(
            "store", after <= before, after >= before, f"由{zh}改为{zh2}", f"{en2} instead of {en}"
        )


def _shown(was: FieldRule, now: FieldRule, at: Spot, _: Sides) -> Iterator[Change]:
    if was.show_as is not now.show_as:
        (zh, en), (zh2, en2) = words.SHOWN[was.show_as], words.SHOWN[now.show_as]
        less, more = _shows_less(now.show_as, was.show_as), _shows_less(was.show_as, now.show_as)
        yield at.moved("show_as", less, more, f"由{zh}改为{zh2}", f"{en2} instead of {en}")


def _shows_less(one: ShowAs, other: ShowAs) -> bool:
    return other is ShowAs.FULL or (one is ShowAs.HOUR and other is ShowAs.MINUTE)


def _values(was: FieldRule, now: FieldRule, at: Spot, _: Sides) -> Iterator[Change]:
    if now.type not in (FieldType.CODE, FieldType.VERIFICATION) or set(was.values) == set(now.values):
        return
    if now.type is FieldType.VERIFICATION and not (was.values and now.values):
        # An empty list of kinds of documents is no bound at all.
        text = ("核验种类的限定有变化", "the kinds that may be checked changed")
        yield at.moved("values", bool(now.values), bool(was.values), *text)
        return
    come, gone = (
        [one for one in now.values if one not in was.values],
        [one for one in was.values if one not in now.values],
    )
    if come:
        yield at.change(
            "values", Direction.WIDENS, f"选项新增：{'、'.join(come)}", f"new words: {', '.join(come)}"
        )
    if gone:
        yield at.change(
            "values", Direction.NARROWS, f"选项去掉：{'、'.join(gone)}", f"words gone: {', '.join(gone)}"
        )


def _sizes(was: FieldRule, now: FieldRule, at: Spot, _: Sides) -> Iterator[Change]:
    if now.type is FieldType.TEXT and was.longest != now.longest:
        text = (
            f"最长由{was.longest}字改为{now.longest}字",
            f"at most {now.longest} characters, not {was.longest}",
        )
        yield at.moved("longest", now.longest < was.longest, now.longest > was.longest, *text)
    if now.type is FieldType.COUNT and was.most != now.most:
        text = (f"最大由{was.most}改为{now.most}", f"at most {now.most}, not {was.most}")
        yield at.moved("most", now.most < was.most, now.most > was.most, *text)
    if now.type in (FieldType.TIME, FieldType.VERIFICATION) and was.furthest != now.furthest:
        before, after = was.furthest or _CLOCK_SKEW, now.furthest or _CLOCK_SKEW
        (zh, en), (zh2, en2) = words.period(was.furthest), words.period(now.furthest)
        yield at.moved(
            "furthest",
            never_longer(after, before, _UTC),
            never_longer(before, after, _UTC),
            f"最远可填到{zh2}以后，原为{zh}",
            f"may lie {en2} ahead, not {en}",
        )


def _detectors(was: FieldRule, now: FieldRule, at: Spot, _: Sides) -> Iterator[Change]:
    if now.type is not FieldType.TEXT:
        return
    for aspect, (sure, sure_en), before, after in (
        ("on_identifier", words.SURE["certain"], was.on_identifier, now.on_identifier),
        ("on_possible", words.SURE["possible"], was.on_possible, now.on_possible),
    ):
        if before is after:
            continue
        (zh, en), (zh2, en2) = words.IN_TEXT[before], words.IN_TEXT[after]
        text = (
            f"文字中{sure}证件号等，由{zh}改为{zh2}",
            f"identifiers {sure_en} in the text: {en2} instead of {en}",
        )
        if _LENIENT[after] < _LENIENT[before]:
            yield at.change(aspect, Direction.NARROWS, *text)
        else:
            # Left out instead of refused: the rest is let in, and no more is known about anybody.
            flagged = after is OnIdentifier.FLAG
            yield at.change(aspect, Direction.WIDENS if flagged else Direction.NEUTRAL, *text)


def _face(was: FieldRule, now: FieldRule, at: Spot, _: Sides) -> Iterator[Change]:
    if was.face != now.face:
        # Where a face's template lies and how it travels is in no order that we could vouch for (人脸办法 8).
        yield at.change(
            "face",
            Direction.WIDENS,
            "人脸模板的存放或传输方式有改动",
            "a face's template is kept or travels otherwise",
        )


VALUE_ASPECTS: tuple[Aspect, ...] = (_type, _values, _sizes, _detectors, _store, _shown, _face)
