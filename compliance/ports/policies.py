"""What surrounds a policy before it decides: drafts, impact assessments, and who asks for one."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple, Protocol

from compliance.domain.policy import Pack

if TYPE_CHECKING:
    from compliance.ports.books import Books


class AssessmentRow(NamedTuple):
    """Days are ISO; `document` is the assessment as canonical JSON."""

    id: str
    site: str
    scope_hash: str
    state: str
    document: str
    drafted_on: str
    approved_on: str | None
    keep_until: str | None


class DraftRow(NamedTuple):
    """A policy that somebody is writing. `at` is an epoch second, `files` a JSON object of texts by name."""

    id: str
    name: str
    files: str
    digest: str
    by: str
    at: int
    wanted_by: str | None = None
    nonce: str | None = None
    version: int | None = None


class VersionRow(NamedTuple):
    version: int
    name: str
    digest: str
    effective_from: int
    published_by: str


class PolicyBook(Protocol):
    """The shelf of drafts, assessments and the list of versions."""

    def assessments(self, site: str = "") -> list[AssessmentRow]:
        """Newest first; of one site, or of all."""
        ...

    def assessment(self, assessment_id: str) -> AssessmentRow | None: ...

    def assessed(self, site: str, scope_hash: str) -> list[AssessmentRow]:
        """Every assessment of exactly this scope, newest first."""
        ...

    def put_assessment(self, row: AssessmentRow) -> None:
        """Insert or replace by id."""
        ...

    def drop_assessment(self, assessment_id: str) -> None: ...

    def drafts(self) -> list[DraftRow]:
        """Newest first, without their files."""
        ...

    def draft(self, draft_id: str) -> DraftRow | None: ...

    def put_draft(self, row: DraftRow) -> None:
        """Insert or replace by id."""
        ...

    def drop_draft(self, draft_id: str) -> None: ...

    def versions(self) -> list[VersionRow]:
        """Every published version, newest first."""
        ...


class ModeChanges(Protocol):
    """Asked before and told after a pack is published: what its site's mode needs, and that it changed."""

    def require(self, pack: Pack, signed_by: tuple[str, ...], effective_from: datetime) -> None: ...

    def enter(
        self, books: Books, was: Pack | None, pack: Pack, version: int, signed_by: tuple[str, ...]
    ) -> None: ...


class Assessed(Protocol):
    """Asked before a pack is published: whether what needs an impact assessment has one (PIPL 55)."""

    def require(self, books: Books, pack: Pack) -> str:
        """The id of the approved assessment that covers exactly this pack, empty where none is needed.

        Raises:
            AssessmentMissing: it needs one and has none, or the one it had was about something else.
        """
        ...
