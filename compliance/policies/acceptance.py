"""Warnings that a named person accepts for a while: they stay visible, and stop standing in the way until their day.

An acceptance says which rule, where, who, why and until when, and is published with the pack. It never covers an error;
once it is over the warning is back; and one that has nothing to accept is itself a warning, so that none lies in wait.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from compliance.policies import lint
from compliance.policies.drafts import SiteDraft
from compliance.policies.fault import Fault, Severity
from compliance.policies.sentences import fault
from compliance.policies.site_schema import AcceptedFile
from compliance.policies.words import ACCEPTS_NOTHING, NOT_ACCEPTABLE


def settle(faults: Iterable[Fault], site: SiteDraft | None) -> list[Fault]:
    """The faults as they stand once acceptances are heard: an accepted warning becomes information.

    Without a day no acceptance counts: whether it is over cannot be told.
    """
    found = list(faults)
    if site is None or not site.file.accepted:
        return found
    living = [one for one in site.file.accepted if site.day is not None and site.day <= one.until]
    return [*(_heard(one, living) for one in found), *_misplaced(site, found)]


def _heard(found: Fault, living: list[AcceptedFile]) -> Fault:
    taken = next((one for one in living if _covers(one, found)), None)
    if taken is None:
        return found
    until = taken.until.isoformat()
    return replace(
        found,
        severity=Severity.INFO,
        zh=f"{found.zh}（{taken.by}已接受，至{until}）",
        en=f"{found.en} (accepted by {taken.by} until {until})",
    )


def _covers(accepted: AcceptedFile, found: Fault) -> bool:
    here = found.where == accepted.where or found.where.startswith(accepted.where + ".")
    return found.severity is Severity.WARNING and found.rule == accepted.rule and here


def _misplaced(site: SiteDraft, found: list[Fault]) -> Iterator[Fault]:
    warnings = {one.said.rule for one in lint.every_rule() if one.severity is Severity.WARNING}
    for number, accepted in enumerate(site.file.accepted):
        path = ("accepted", number)
        if accepted.rule not in warnings:
            yield fault(site.source, path, NOT_ACCEPTABLE)
        elif not any(_covers(accepted, one) for one in found):
            yield fault(site.source, path, ACCEPTS_NOTHING, Severity.WARNING)
