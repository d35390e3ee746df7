"""Impact assessments: drafted from the policy, said in the officer's own words, approved, sealed, and kept for years."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import date, datetime, time
from hashlib import sha256
from zoneinfo import ZoneInfo

from compliance.detectors import scan
from compliance.domain.assessment import (
    KEPT_FOR,
    LONGEST,
    LOOKED_AT_AGAIN_AFTER,
    PARTS,
    Assessment,
    AssessmentState,
    Statement,
    causes,
    scope_hash,
)
from compliance.domain.assessment_statements import statements
from compliance.domain.errors import AssessmentMissing, AssessmentRefused
from compliance.domain.ledger import Act, Entry
from compliance.domain.policy import Pack
from compliance.domain.schedule import Period
from compliance.ports import AssessmentRow, Books, Clock, Ids, UnitOfWork
from compliance.services.sealing import Sealing


class Assessments:
    """Implements `Assessed`. `binding` is false in scratch homes, where nobody's information is."""

    def __init__(
        self, *, books: UnitOfWork, clock: Clock, ids: Ids, sealing: Sealing, binding: bool = True
    ) -> None:
        self._books, self._clock, self._ids, self._sealing = books, clock, ids, sealing
        self._binding = binding

    def draft(self, pack: Pack, owner: str, words: Mapping[str, str] | None = None) -> Assessment:
        """Start the assessment of a pack, or take up the one that is being written of the same scope.

        `words` are the officer's own: `lawfulness`, `effect`, `measures`, `opinion`; each replaces what stood there.

        Raises:
            AssessmentRefused: nothing calls for one, or the words name somebody or are too long.
        """
        about = scope_hash(pack)
        if not about:
            raise AssessmentRefused("Nothing here needs an assessment. 这套规则不涉及须评估的处理活动。")
        said = _checked(words or {})
        with self._books.writing() as books:
            begun = self._begun(books, pack, about)
            if begun is None:
                begun = self._new(pack, owner, about)
            drafted = _saying(replace(begun, owner=owner), said)
            books.policies.put_assessment(_row(drafted))
        return drafted

    def approve(self, assessment_id: str, by: str) -> Assessment:
        """Approve and seal; from then on it is never changed.

        Raises:
            AssessmentRefused: unknown, already approved, or a part is not said yet.
        """
        with self._books.writing() as books:
            drafted = _known(books, assessment_id)
            if drafted.state is not AssessmentState.DRAFT:
                raise AssessmentRefused("It is approved already. 这份评估已经批准，不能再改。")
            if drafted.unsaid:
                raise AssessmentRefused(
                    f"Not said yet (10 characters at least): {', '.join(drafted.unsaid)}. 评估三部分和负责人意见须各写至少10个字。"
                )
            approved = self._sealed(books, drafted, by)
        self._sealing.nudge()
        return approved

    def show(self, assessment_id: str) -> Assessment:
        with self._books.reading() as books:
            return _known(books, assessment_id)

    def every(self) -> list[Assessment]:
        """Newest first."""
        with self._books.reading() as books:
            return [_read(row) for row in books.policies.assessments()]

    def of(self, pack: Pack) -> Assessment | None:
        """The assessment of exactly this pack's scope: the approved one, else the one being written."""
        with self._books.reading() as books:
            return self._of(books, pack)

    def require(self, books: Books, pack: Pack) -> str:
        """The id of the approved assessment that covers exactly this pack; raises `AssessmentMissing`."""
        if not self._binding or not causes(pack):
            return ""
        found = self._of(books, pack)
        if found is None or found.state is not AssessmentState.APPROVED:
            named = "、".join(cause.zh for cause in causes(pack)[:5])
            raise AssessmentMissing(
                f"发布前须完成并批准个人信息保护影响评估（PIPL 55、56）：{named}。先运行 compliance policy assess。 "
                "An impact assessment of exactly this has to be approved first: compliance policy assess PACK."
            )
        return found.id

    def delete(self, assessment_id: str) -> None:
        """Delete a draft, or an approved assessment whose three years are over (PIPL 56(2))."""
        with self._books.writing() as books:
            found = _known(books, assessment_id)
            if found.keep_until and self._clock.now().date() < date.fromisoformat(found.keep_until):
                raise AssessmentRefused(
                    f"Kept until {found.keep_until} (PIPL 56(2)). 影响评估报告须至少保存三年，{found.keep_until}前不能删除。"
                )
            books.policies.drop_assessment(assessment_id)

    def _new(self, pack: Pack, owner: str, about: str) -> Assessment:
        return Assessment(
            id=self._ids.secret(16),
            site=pack.site.name,
            controller=pack.site.controller.name,
            scope_hash=about,
            state=AssessmentState.DRAFT,
            causes=tuple(
                (cause.trigger.article, f"{cause.trigger.zh}：{cause.zh}", f"{cause.trigger.en}: {cause.en}")
                for cause in causes(pack)
            ),
            statements=statements(pack),
            owner=owner,
            drafted_on=pack.site.day_of(self._clock.now()).isoformat(),
        )

    def _begun(self, books: Books, pack: Pack, about: str) -> Assessment | None:
        rows = books.policies.assessed(pack.site.name, about)
        return next((_read(row) for row in rows if row.state == AssessmentState.DRAFT.value), None)

    def _of(self, books: Books, pack: Pack) -> Assessment | None:
        rows = books.policies.assessed(pack.site.name, scope_hash(pack))
        approved = [row for row in rows if row.state == AssessmentState.APPROVED.value]
        return _read((approved or rows)[0]) if rows else None

    def _sealed(self, books: Books, drafted: Assessment, by: str) -> Assessment:
        # Days of an assessment are days of the people who sign it; the site is in China whatever the server's zone is.
        today = self._clock.now().astimezone(_CHINA).date()
        approved = replace(
            drafted,
            state=AssessmentState.APPROVED,
            approved_by=by,
            approved_on=today.isoformat(),
            review_on=_after(LOOKED_AT_AGAIN_AFTER, today),
            keep_until=_after(KEPT_FOR, today),
        )
        facts = (
            ("assessment", approved.id),
            ("scope", approved.scope_hash),
            ("digest", digest(approved)),
            ("by", by),
        )
        day = today.isoformat()
        entry = Entry(act=Act.ASSESSED, site=approved.site, category="", day=day, count=1, facts=facts)
        approved = replace(approved, act_id=self._sealing.write(books, entry))
        books.policies.put_assessment(_row(approved))
        return approved


_CHINA = ZoneInfo("Asia/Shanghai")


def document(assessment: Assessment) -> str:
    """Canonical JSON: what is kept, and, without the id of the act that seals it, what is hashed."""
    return json.dumps(asdict(assessment), ensure_ascii=True, sort_keys=True, separators=(",", ":"))


def digest(assessment: Assessment) -> str:
    """SHA-256 of an approved assessment, as the ledger has it."""
    return sha256(document(replace(assessment, act_id="")).encode("ascii")).hexdigest()


def _read(row: AssessmentRow) -> Assessment:
    found = json.loads(row.document)
    found["state"] = AssessmentState(found["state"])
    found["causes"] = tuple((str(a), str(zh), str(en)) for a, zh, en in found["causes"])
    found["statements"] = tuple(Statement(**one) for one in found["statements"])
    return Assessment(**found)


def _row(one: Assessment) -> AssessmentRow:
    return AssessmentRow(
        id=one.id,
        site=one.site,
        scope_hash=one.scope_hash,
        state=one.state.value,
        document=document(one),
        drafted_on=one.drafted_on,
        approved_on=one.approved_on or None,
        keep_until=one.keep_until or None,
    )


def _known(books: Books, assessment_id: str) -> Assessment:
    row = books.policies.assessment(assessment_id)
    if row is None:
        raise AssessmentRefused("There is no such assessment. 没有这份评估。")
    return _read(row)


def _saying(one: Assessment, said: Mapping[str, str]) -> Assessment:
    return replace(
        one,
        lawfulness=said.get("lawfulness", one.lawfulness),
        effect=said.get("effect", one.effect),
        measures=said.get("measures", one.measures),
        opinion=said.get("opinion", one.opinion),
    )


def _checked(words: Mapping[str, str]) -> dict[str, str]:
    """An assessment is kept for years and read by strangers: it speaks of kinds of information, never of a person."""
    unknown = sorted(set(words) - {*PARTS, "opinion"})
    if unknown:
        raise AssessmentRefused(f"An assessment has no part {', '.join(unknown)}. 没有这一部分。")
    said = {name: text.strip() for name, text in words.items() if text.strip()}
    for name, text in said.items():
        if len(text) > LONGEST or scan(text):
            raise AssessmentRefused(
                f"{name}: too long, or it names a number of somebody. 内容过长，或含证件号、手机号、车牌等号码。"
            )
    return said


def _after(period: Period, day: date) -> str:
    """The day that the period ends on, by the calendar (民法典 202)."""
    end = period.end(datetime.combine(day, time(), _CHINA), _CHINA)
    return end.date().isoformat()
