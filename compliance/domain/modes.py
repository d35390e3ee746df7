"""What a site's mode makes of a refusal: nothing, a field that is dropped, or a fault that is only counted.

`enforce` refuses. `strip` drops an optional field's fault and says so; a required field is never dropped. `observe` lets
what would have been refused through to a plain store of somebody else's and counts it by code and field, for fourteen
days at most and on a named person's word (requirements 0.3a.10); when that is over it is `strip` by itself, because
the mode is worked out from the moment. ID documents, faces and traits of the body are never let through.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from typing import Final

from compliance.domain.formats import Heard, Instruments
from compliance.domain.policy import CategoryPolicy, FieldRule, Never, Site
from compliance.domain.reasons import Reason
from compliance.domain.submission import Submission
from compliance.domain.vocabulary import FieldType, Mode, OnIdentifier, ReasonCode, StoreForm

LONGEST_OBSERVATION: Final = timedelta(days=14)  # an engine choice (requirements 0.3a.10)
LONGEST_OBSERVED: Final = 200  # characters: what is longer may be a picture, and nobody has looked at it
#: A telephone number and its country have 13 digits; an identity number has 15 or 18, well-formed or not.
MOST_DIGITS: Final = 13
#: Each round drops or waives what the round before could not yet see.
ROUNDS: Final = 4

Fault = tuple[ReasonCode, str | None]

# Two times that contradict each other are no fault of one of them: which is wrong nobody can say, so neither is dropped.
_OF_A_FIELD: Final = frozenset(
    {
        ReasonCode.OVER_COLLECTION,
        ReasonCode.BAD_FORMAT,
        ReasonCode.IDENTIFIER_IN_TEXT,
        ReasonCode.WRONG_CHANNEL,
        ReasonCode.TOO_LARGE,
        ReasonCode.NO_CONSENT,
        ReasonCode.ALREADY_EXPIRED,
    }
)
#: Faults of a value: where only observed, the value goes through as it was sent.
_OF_A_VALUE: Final = frozenset(
    {
        ReasonCode.OVER_COLLECTION,
        ReasonCode.BAD_FORMAT,
        ReasonCode.IDENTIFIER_IN_TEXT,
        ReasonCode.WRONG_CHANNEL,
    }
)
#: Faults of the whole, which leave the values as they are.
_OF_THE_WHOLE: Final = frozenset(
    {ReasonCode.MISSING_FIELD, ReasonCode.BAD_ORDER, ReasonCode.NO_CONSENT, ReasonCode.NO_NOTICE}
)
_DOCUMENT_KINDS: Final = frozenset({"resident_id", "passport", "permit"})
# Registers name such columns in many ways; a name that merely looks like one is not let through either.
_STRICT_NAME: Final = re.compile(
    r"face|biometr|finger|palm|iris|id_?(card|no|num|photo|image|scan|copy)|identi|passport|permit|cert"
    r"|身份|证件|证号|护照|通行证|居住证|人脸|刷脸|面部|照片|指纹|掌纹|虹膜|photo|image|picture|scan"
)


def observation_ends(site: Site) -> datetime | None:
    """The first instant at which the site observes no longer; None where it was never to."""
    watched = site.observation
    if site.mode is not Mode.OBSERVE or watched is None:
        return None
    longest = datetime.combine(watched.since, time(), tzinfo=site.timezone) + LONGEST_OBSERVATION
    return min(longest, datetime.combine(watched.until + timedelta(days=1), time(), tzinfo=site.timezone))


def mode_at(site: Site, now: datetime) -> Mode:
    """The mode that holds at a moment. Observing needs an approver and days that are not over; else it is `strip`."""
    ends = observation_ends(site)
    if site.mode is not Mode.OBSERVE:
        return site.mode
    if ends is None or site.observation is None or not site.observation.by:
        return Mode.STRIP
    begins = datetime.combine(site.observation.since, time(), tzinfo=site.timezone)
    return Mode.OBSERVE if begins <= now < ends else Mode.STRIP


def verdict_word(stripped: tuple[Reason, ...], observed: tuple[Reason, ...]) -> str:
    """What doors call an admission: what was only observed weighs more than what was dropped."""
    return "observed" if observed else "stripped" if stripped else "admitted"


def nowhere(_category: str, _field: str) -> bool:
    """The sealing stores' answer: they have parts, not columns."""
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Leniency:
    """What the mode left of a refusal: what to judge instead, and what to say of it.

    `raw` are values that go through to a plain store as they were sent, by field; `waived` the faults not to raise again.
    """

    submission: Submission
    stripped: tuple[Reason, ...] = ()
    observed: tuple[Reason, ...] = ()
    waived: frozenset[Fault] = frozenset()
    raw: Mapping[str, object] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lenience:
    """The rules of one decision: the mode that holds now, and whether a plain store has a place for a field."""

    policy: CategoryPolicy
    mode: Mode
    never: Mapping[str, Never]
    tools: Instruments
    has_place: Callable[[str, str], bool]

    def after(
        self, reasons: tuple[Reason, ...], so_far: Leniency, heard: Iterable[Heard] = ()
    ) -> Leniency | None:
        """What to judge in place of what was refused for `reasons`; None where the refusal stands."""
        for fault in reasons:
            step = self._observed(fault, so_far) or self._stripped(fault, so_far, heard)
            if step is None:
                return None
            so_far = step
        return so_far

    def _stripped(self, fault: Reason, so_far: Leniency, heard: Iterable[Heard]) -> Leniency | None:
        rule = self.policy.fields.get(fault.field or "")
        if fault.field is None or fault.code not in _OF_A_FIELD or (rule is not None and rule.required):
            return None
        spoken = [one.certainty for one in heard if one.field == fault.field]
        by_field = rule is not None and rule.on_found(spoken) is OnIdentifier.STRIP
        by_field = by_field and fault.code is ReasonCode.IDENTIFIER_IN_TEXT
        if self.mode is Mode.ENFORCE and not by_field:
            return None
        left = _without(so_far.submission, {fault.field})
        return replace(so_far, submission=left, stripped=(*so_far.stripped, fault))

    def _observed(self, fault: Reason, so_far: Leniency) -> Leniency | None:
        if self.mode is not Mode.OBSERVE or not self.has_place(self.policy.category, ""):
            return None
        seen = replace(so_far, observed=(*so_far.observed, fault))
        name, submission = fault.field, so_far.submission
        rule = self.policy.fields.get(name or "")
        if name is not None and fault.code in _OF_A_VALUE and name in submission.fields:
            value = submission.fields[name]
            if not self._may_pass(name, value, rule):
                return None
            return replace(seen, submission=_without(submission, {name}), raw={**so_far.raw, name: value})
        if fault.code not in _OF_THE_WHOLE or (rule is not None and _strict(rule) and name is not None):
            return None
        waived = so_far.waived | {(fault.code, name)}
        if fault.code not in (ReasonCode.NO_CONSENT, ReasonCode.NO_NOTICE):
            return replace(seen, waived=waived)
        # Without notice and consent for the whole, no result of a document check and no face comes along.
        strict = {
            one for one in submission.fields if one in self.policy.fields and _strict(self.policy.fields[one])
        }
        return replace(seen, waived=waived, submission=_without(submission, strict))

    def _may_pass(self, name: str, value: object, rule: FieldRule | None) -> bool:
        if rule is not None and (_strict(rule) or rule.store not in _KEPT_AS_SENT):
            return False
        if not self.has_place(self.policy.category, name) or is_strict_name(name, self.never):
            return False
        return _is_plain(value, self.tools)


_KEPT_AS_SENT: Final = (StoreForm.SEALED, StoreForm.COUNT, StoreForm.CODE)


def _strict(rule: FieldRule) -> bool:
    """A result of a document check, a face, a picture: none of it is ever let through on an observer's word."""
    return bool(rule.face) or rule.type in (FieldType.VERIFICATION, FieldType.ATTACHMENT)


def is_strict_name(name: str, never: Mapping[str, Never]) -> bool:
    """Whether a field's name says document, face or body, however it is spelt."""
    known = never.get(name)
    folded = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", unicodedata.normalize("NFKC", name)).casefold()
    folded = re.sub(r"[\s\-.]+", "_", folded)
    listed = never.get(folded)
    if (known is not None and known.strict) or (listed is not None and listed.strict):
        return True
    return bool(_STRICT_NAME.search(folded) or _STRICT_NAME.search(folded.replace("_", "")))


def _is_plain(value: object, tools: Instruments) -> bool:
    """A short line or a number in which no document is found, certain or possible."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return isinstance(value, bool)
    text = unicodedata.normalize("NFKC", str(value))
    if len(text) > LONGEST_OBSERVED or not text.isprintable():
        return False
    if sum(char.isdigit() for char in text) > MOST_DIGITS:
        return False
    return not any(finding.kind in _DOCUMENT_KINDS for finding in tools.scan(text))


def _without(submission: Submission, names: set[str]) -> Submission:
    kept = {name: value for name, value in submission.fields.items() if name not in names}
    return replace(submission, fields=kept)
