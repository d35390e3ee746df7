"""What each notice must contain: one table of moments, slots and articles.

A template `<moment>.<lang>.j2` is found by being in this folder; its row here says which slots may not be empty and
which article wants them. Slots marked ``E`` are wanted by us, not by a statute, and a notice never says otherwise.
Sources: requirements 3.1 to 3.8.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A place in a notice that may not stay empty, and the article that wants it there."""

    name: str
    article: str
    #: The slot that, when it is set, says why this one may be empty: an answer may be that nothing was found.
    unless: str = ""
    #: Whether each of its rows has to be whole as well: a field without a period is not told.
    through: bool = False


def _slots(*pairs: tuple[str, str]) -> tuple[Slot, ...]:
    return tuple(
        Slot(
            name=name,
            article=article,
            unless="none_found" if name in _FOUND else "",
            through=name in _WHOLE,
        )
        for name, article in pairs
    )


_FOUND = frozenset({"records", "backup_date"})
_WHOLE = frozenset({"kinds", "reasons"})


_CONTROLLER = (("controller", "PIPL 17(1)(1)"), ("controller_contact", "PIPL 17(1)(1)"))
_OUR_REFERENCE = (("request_no", "E"), ("issued_on", "E"))

MANDATORY: Mapping[str, tuple[Slot, ...]] = {
    "collection": _slots(
        *_CONTROLLER,
        ("site", "E"),
        ("category", "E"),
        ("purposes", "PIPL 17(1)(2)"),
        ("methods", "PIPL 17(1)(2)"),
        ("kinds", "网数条例 21(2)"),
        ("periods", "PIPL 17(1)(2), 网数条例 21(1)(3)"),
        ("fates", "网数条例 21(1)(3)"),
        ("rights", "PIPL 17(1)(3), 网数条例 21(1)(4)"),
        ("ways", "PIPL 17(1)(3), 网数条例 21(1)(4)"),
        ("complaints", "网数条例 20"),
        ("complaints_contact", "网数条例 20"),
        ("officer", "PIPL 52(2)"),
        ("officer_contact", "PIPL 52(2)"),
        ("recipients_said", "PIPL 23, 网数条例 21(2)"),
        ("backup_days", "E"),
        ("version", "E"),
        ("digest", "E"),
        ("short_digest", "E"),
        ("verifier_fingerprint", "E"),
        ("issued_on", "E"),
    ),
    "gate": _slots(
        *_CONTROLLER,
        ("purposes", "PIPL 17(1)(2)"),
        ("methods_short", "PIPL 17(1)(2)"),
        ("starred", "PIPL 17(1)(2)"),
        ("periods_short", "PIPL 17(1)(2), 网数条例 21(1)(3)"),
        ("ways_short", "PIPL 17(1)(3)"),
        ("recipients_said", "PIPL 23"),
        ("version", "E"),
        ("short_digest", "E"),
        ("issued_on", "E"),
    ),
    "receipt": _slots(
        *_CONTROLLER,
        *_OUR_REFERENCE,
        ("kind", "PIPL 50(1), 网数条例 23"),
        ("received_on", "PIPL 50(1), 网数条例 23"),
        ("due_on", "E"),
        ("wall_on", "E"),
        ("verified_by", "E"),
        ("complaints", "PIPL 65"),
        ("complaints_contact", "PIPL 65"),
    ),
    "letter_deletion": _slots(
        *_CONTROLLER,
        *_OUR_REFERENCE,
        ("done_on", "审计指引 17(2)"),
        ("count", "审计指引 17(2)"),
        ("backup_date", "E"),
        ("complaints", "PIPL 65"),
        ("complaints_contact", "PIPL 65"),
        ("verifier_fingerprint", "E"),
    ),
    "letter_access": _slots(
        *_CONTROLLER,
        *_OUR_REFERENCE,
        ("done_on", "PIPL 45(2), 审计指引 17(2)"),
        ("records", "PIPL 45(1)"),
        ("purposes", "PIPL 17(1)(2), 45(1)"),
        ("recipients_said", "PIPL 23, 45(1)"),
        ("complaints", "PIPL 65"),
        ("complaints_contact", "PIPL 65"),
    ),
    "refusal": _slots(
        *_CONTROLLER,
        *_OUR_REFERENCE,
        ("kind", "PIPL 50(1)"),
        ("reasons", "PIPL 50(1)"),
        # Article 50(2) gives the right to sue; saying so in the letter is our choice (requirements 0.3a).
        ("court", "E"),
        ("complaints", "PIPL 65"),
        ("complaints_contact", "PIPL 65"),
    ),
    "change": _slots(
        *_CONTROLLER,
        ("site", "E"),
        ("category", "E"),
        ("changes", "PIPL 17(2)"),
        ("effective_on", "PIPL 17(2)"),
        ("ways_short", "PIPL 17(1)(3)"),
        ("complaints", "PIPL 65"),
        ("complaints_contact", "PIPL 65"),
        ("version", "E"),
        ("issued_on", "E"),
    ),
    "emergency_over": _slots(
        *_CONTROLLER,
        ("site", "E"),
        ("event", "PIPL 18(2)"),
        ("authority", "E"),
        ("document", "E"),
        ("began_on", "PIPL 18(2)"),
        ("ended_on", "PIPL 18(2)"),
        ("kinds_said", "PIPL 17(1)(2), 18(2)"),
        ("purpose", "PIPL 17(1)(2), 18(2)"),
        ("count", "E"),
        ("destroyed", "突发事件应对法 85"),
        ("ways_short", "PIPL 17(1)(3)"),
        ("complaints", "PIPL 65"),
        ("complaints_contact", "PIPL 65"),
        ("issued_on", "E"),
    ),
    "otp": _slots(
        ("controller", "PIPL 17(1)(1)"),
        ("controller_contact", "PIPL 17(1)(1)"),
        ("code", "E"),
        ("minutes", "E"),
        ("issued_on", "E"),
    ),
    "assessment": _slots(
        ("controller", "PIPL 17(1)(1)"),
        ("state", "E"),
        ("causes", "PIPL 55"),
        ("lawfulness", "PIPL 56(1)(1)"),
        ("lawfulness_said", "PIPL 56(1)(1)"),
        ("effect", "PIPL 56(1)(2)"),
        ("effect_said", "PIPL 56(1)(2)"),
        ("measures", "PIPL 56(1)(3)"),
        ("measures_said", "PIPL 56(1)(3)"),
        ("owner", "E"),
        ("opinion", "E"),
        ("approved", "E"),
        ("review_on", "E"),
        ("keep_until", "PIPL 56(2)"),
        ("scope_hash", "E"),
        ("number", "E"),
        ("issued_on", "E"),
    ),
}

#: Slots that a template may print and that may stay empty, beside the mandatory ones.
OPTIONAL: Mapping[str, tuple[str, ...]] = {
    "collection": (
        "sensitive",
        "consents",
        "separate",
        "recipients",
        "entrusted",
        "tallies",
        "floors",
        "link",
        "exempt",
    ),
    "gate": ("unstarred", "link", "site", "category"),
    "receipt": ("frozen", "provisional", "link", "officer", "officer_contact"),
    "letter_deletion": ("erased", "systems", "by_key", "kept", "link", "none_found"),
    "letter_access": ("withheld", "package_until", "link", "none_found"),
    "refusal": ("granted", "link", "officer", "officer_contact"),
    "change": ("widens", "link"),
    "emergency_over": ("link",),
    "otp": (),
    "assessment": ("site",),
}

KNOWN = frozenset(
    {slot.name for slots in MANDATORY.values() for slot in slots}
    | {name for names in OPTIONAL.values() for name in names}
)
