"""From what was sent to a decision: quickly where it is plain, in full where it is not.

A line of a batch that is plain in every way is decided without being taken apart first: no `Submission` is made of it.
Everything else is parsed, tried on its lane, and judged in full where that does not accept it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from compliance.domain.collection import Admitted, Circumstances, Refused, admit
from compliance.domain.consent import notice_faults
from compliance.domain.formats import FURTHEST
from compliance.domain.plain_forms import PLAIN_TIME
from compliance.domain.reasons import Reason
from compliance.domain.submission import CLOCK_SKEW, FIRST_YEAR, Defaults, Submission, decode, is_key, parse
from compliance.domain.vocabulary import NoticeMode
from compliance.services.lanes import MOST_HEADS, Lane, Lanes

_LINE = frozenset({"category", "channel", "site", "collected_at", "key", "fields", "notice"})
_ABSENT = object()


class Decision(NamedTuple):
    """One submission's verdict. `submission` is None for a plain line without a key, which leaves nothing but its
    record, and for what could not be read.
    """

    category: str
    channel: str
    verdict: Admitted | Refused
    submission: Submission | None


class Judging:
    """Decides submissions that come by one door, under one pack, at one moment."""

    def __init__(self, lanes: Lanes, around: Circumstances, defaults: Defaults) -> None:
        self._lanes, self._around, self._defaults = lanes, around, defaults
        self._now = around.now.timestamp()
        self._earliest, self._latest = around.now - FURTHEST, around.now + CLOCK_SKEW
        self._heads = lanes.heads(defaults)
        self._out_of_order: set[tuple[object, ...]] = set()

    def decide(self, raw: object) -> Decision:
        if isinstance(raw, (bytes, str)):
            raw = decode(raw)
        # Only an exact dict: what merely looks like one may answer otherwise when it is asked again.
        if type(raw) is dict and raw.keys() <= _LINE and (decision := self._plain_line(raw)) is not None:
            return decision
        submission = self._read(raw)
        if isinstance(submission, tuple):
            return Decision("", "", Refused(reasons=submission), None)
        verdict = self._lanes.accept(submission, self._around) or admit(submission, self._around)
        return Decision(submission.category, submission.channel, verdict, submission)

    def _plain_line(self, raw: dict[str, object]) -> Decision | None:
        """Decide a line that has only what machines send; None where it is not plainly right."""
        collected_at, fields, key = raw.get("collected_at"), raw.get("fields"), raw.get("key")
        lane = self._lane_of(raw)
        if lane is None or type(collected_at) is not str or type(fields) is not dict:
            return None
        if PLAIN_TIME.fullmatch(collected_at) is None or ("key" in raw and not is_key(key)):
            return None
        try:
            moment = datetime.fromisoformat(collected_at)
        except ValueError:
            return None
        if moment.year <= FIRST_YEAR or moment > self._latest:
            return None
        admitted = lane.admit(fields, moment, self._earliest, self._latest, self._now)
        if admitted is None:
            return None
        category, channel = lane.policy.category, lane.channel
        return Decision(
            category, channel, admitted, None if key is None else self._keyed(lane, moment, key, fields)
        )

    def _keyed(self, lane: Lane, moment: datetime, key: object, fields: dict[str, object]) -> Submission:
        """What a replay is compared with: a plain line carries no consent, and its notice leaves nothing behind."""
        return Submission(
            category=lane.policy.category,
            channel=lane.channel,
            site=self._lanes.pack.site.name,
            collected_at=moment,
            key=str(key),
            fields=fields,
            door=self._defaults.door,
        )

    def _lane_of(self, raw: dict[str, object]) -> Lane | None:
        """The lane of a line whose category, channel, site and notice are in order; asked once for lines that agree."""
        notice = raw.get("notice")
        if type(notice) is not dict or notice.get("mode") == NoticeMode.SCREEN:
            return None  # what was shown on a screen has an id of its own each time
        get = raw.get
        # A word that says null is not a word that is left out: a default stands in for the second alone.
        at = (get("category", _ABSENT), get("channel", _ABSENT), get("site", _ABSENT), *notice.items())
        try:
            found = self._heads.get(at)
            if found is not None or at in self._out_of_order:
                return found
        except TypeError:
            return None  # a list where a word should be
        submission = self._read(raw)
        if isinstance(submission, tuple):
            return None
        lane = self._lanes.lane(submission.category, submission.channel, consented=False)
        if lane is not None:
            other_site = submission.site != self._lanes.pack.site.name
            # What was read out or posted has no version: nothing is compared with what stood before.
            about = (self._around.notice_version, self._around.changes_since, ())
            told = notice_faults(submission, lane.policy, *about, take_as_given=False)
            lane = None if other_site or told else lane
        if lane is None:
            self._out_of_order.add(at)
        elif len(self._heads) < MOST_HEADS:
            self._heads[at] = lane
        return lane

    def _read(self, raw: object) -> Submission | tuple[Reason, ...]:
        if isinstance(raw, (Submission, tuple)):
            return raw
        if isinstance(raw, Mapping) and "site" not in raw and self._defaults.site is None:
            raw = {**raw, "site": self._lanes.pack.site.name}
        return parse(raw, self._defaults, self._around.now)
