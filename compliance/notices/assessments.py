"""The impact assessment as a document: the three parts of PIPL 56(1), each with what the policy says and what was judged."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from compliance.domain.assessment import PARTS, Assessment, AssessmentState
from compliance.notices.renderer import Form, render
from compliance.notices.words import both

_NOT_YET = {"zh": "尚未填写", "en": "not said yet"}


def assessment_document(one: Assessment, *, lang: str, form: Form) -> bytes:
    """The report as HTML, text or PDF; a draft says that it is one, and what is not said yet."""
    return render("assessment", lang=lang, slots=_slots(one, lang), form=form)


def assessment_json(one: Assessment) -> bytes:
    return (json.dumps(asdict(one), ensure_ascii=False, indent=2) + "\n").encode()


def _slots(one: Assessment, lang: str) -> dict[str, object]:
    approved = one.state is AssessmentState.APPROVED
    missing = _NOT_YET[lang]
    said: dict[str, Any] = {}
    for part in PARTS:
        said[part] = getattr(one, part) or missing
        said[f"{part}_said"] = [getattr(line, lang) for line in one.of(part)]
    return said | {
        "controller": one.controller,
        "site": one.site,
        "number": one.id,
        "state": both("已批准", "Approved", lang)
        if approved
        else both("草稿，尚未批准", "Draft, not approved", lang),
        "causes": [
            {"article": article, "what": en if lang == "en" else zh} for article, zh, en in one.causes
        ],
        "owner": one.owner,
        "opinion": one.opinion or missing,
        "approved": f"{one.approved_by}　{one.approved_on}"
        if approved
        else both("尚未批准", "not yet", lang),
        "review_on": one.review_on or both("批准后一年", "a year after its approval", lang),
        "keep_until": one.keep_until or both("批准后三年", "three years after its approval", lang),
        "scope_hash": one.scope_hash,
        "issued_on": one.approved_on or one.drafted_on,
    }
