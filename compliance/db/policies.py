"""Drafts of policies, impact assessments, and the list of versions."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Table, delete, insert, literal, select

from compliance.db.tables import assessment, policy_draft, policy_version
from compliance.ports import AssessmentRow, DraftRow, VersionRow

_ASSESSMENT = [assessment.c[name] for name in AssessmentRow._fields]
_DRAFT = [policy_draft.c[name] for name in DraftRow._fields]
_LISTED = [literal("").label("files") if column.name == "files" else column for column in _DRAFT]
_VERSION = [policy_version.c[name] for name in VersionRow._fields]


class SqlPolicies:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def assessments(self, site: str = "") -> list[AssessmentRow]:
        query = select(*_ASSESSMENT).order_by(assessment.c.drafted_on.desc(), assessment.c.id)
        if site:
            query = query.where(assessment.c.site == site)
        return [AssessmentRow(*row) for row in self._connection.execute(query)]

    def assessment(self, assessment_id: str) -> AssessmentRow | None:
        query = select(*_ASSESSMENT).where(assessment.c.id == assessment_id)
        row = self._connection.execute(query).first()
        return AssessmentRow(*row) if row else None

    def assessed(self, site: str, scope_hash: str) -> list[AssessmentRow]:
        about = (assessment.c.site == site) & (assessment.c.scope_hash == scope_hash)
        query = select(*_ASSESSMENT).where(about).order_by(assessment.c.drafted_on.desc(), assessment.c.id)
        return [AssessmentRow(*row) for row in self._connection.execute(query)]

    def put_assessment(self, row: AssessmentRow) -> None:
        self._put(assessment, row._asdict())

    def drop_assessment(self, assessment_id: str) -> None:
        self._connection.execute(delete(assessment).where(assessment.c.id == assessment_id))

    def drafts(self) -> list[DraftRow]:
        query = select(*_LISTED).order_by(policy_draft.c.at.desc(), policy_draft.c.id)
        return [DraftRow(*row) for row in self._connection.execute(query)]

    def draft(self, draft_id: str) -> DraftRow | None:
        row = self._connection.execute(select(*_DRAFT).where(policy_draft.c.id == draft_id)).first()
        return DraftRow(*row) if row else None

    def put_draft(self, row: DraftRow) -> None:
        self._put(policy_draft, row._asdict())

    def drop_draft(self, draft_id: str) -> None:
        self._connection.execute(delete(policy_draft).where(policy_draft.c.id == draft_id))

    def versions(self) -> list[VersionRow]:
        query = select(*_VERSION).order_by(policy_version.c.version.desc())
        return [VersionRow(*row) for row in self._connection.execute(query)]

    def _put(self, table: Table, values: dict[str, Any]) -> None:
        self._connection.execute(delete(table).where(table.c.id == values["id"]))
        self._connection.execute(insert(table).values(**values))
