"""Drafts of policies: written by one, published by two where they widen. A draft decides about nobody."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from compliance.domain.errors import PublicationRefused
from compliance.ports import Clock, DraftRow, Ids, UnitOfWork, VersionRow

MOST_DRAFTS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """`wanted_by` has signed and waits for a second person; `version` is what it became. Moments are epoch seconds."""

    id: str
    name: str
    files: Mapping[str, str]
    digest: str
    by: str
    at: int
    wanted_by: str = ""
    nonce: str = ""
    version: int | None = None


class Drafting:
    def __init__(self, *, books: UnitOfWork, clock: Clock, ids: Ids) -> None:
        self._books, self._clock, self._ids = books, clock, ids

    def begin(self, name: str, files: Mapping[str, str], digest: str, by: str) -> Draft:
        draft_id = self._ids.secret(16)
        with self._books.writing() as books:
            if len(books.policies.drafts()) >= MOST_DRAFTS:
                raise PublicationRefused("Too many drafts: delete some first. 草稿过多，请先删除一些。")
            row = DraftRow(draft_id, name, _text(files), digest, by, int(self._clock.now().timestamp()))
            books.policies.put_draft(row)
        return _read(row)

    def every(self) -> list[Draft]:
        """Newest first, without their files."""
        with self._books.reading() as books:
            return [_read(row) for row in books.policies.drafts()]

    def show(self, draft_id: str) -> Draft:
        """Raises `PublicationRefused` where there is no such draft."""
        with self._books.reading() as books:
            row = books.policies.draft(draft_id)
        if row is None:
            raise PublicationRefused("There is no such draft. 没有这份草稿。")
        return _read(row)

    def save(self, draft_id: str, files: Mapping[str, str], digest: str, by: str) -> Draft:
        """Replace what is written. Whoever had signed the earlier words has not signed these."""
        was = self._open(draft_id)
        now = int(self._clock.now().timestamp())
        return self._put(DraftRow(was.id, was.name, _text(files), digest, by, now))

    def want(self, draft_id: str, by: str) -> Draft:
        """Sign a draft as the first person, and make it ready for the second: their link is good once."""
        was = self._open(draft_id)
        return self._put(_row(was)._replace(wanted_by=by, nonce=self._ids.secret(20)))

    def became(self, draft_id: str, version: int) -> Draft:
        """Its number as a version; the link for a second signature is spent."""
        return self._put(_row(self._open(draft_id))._replace(version=version, nonce=None))

    def drop(self, draft_id: str) -> None:
        with self._books.writing() as books:
            books.policies.drop_draft(draft_id)

    def versions(self) -> list[VersionRow]:
        """Every published version, newest first."""
        with self._books.reading() as books:
            return books.policies.versions()

    def _open(self, draft_id: str) -> Draft:
        draft = self.show(draft_id)
        if draft.version is not None:
            raise PublicationRefused("This draft is published already. 这份草稿已经发布。")
        return draft

    def _put(self, row: DraftRow) -> Draft:
        with self._books.writing() as books:
            books.policies.put_draft(row)
        return _read(row)


def _text(files: Mapping[str, str]) -> str:
    return json.dumps(dict(files), ensure_ascii=True, sort_keys=True)


def _row(one: Draft) -> DraftRow:
    return DraftRow(
        one.id,
        one.name,
        _text(one.files),
        one.digest,
        one.by,
        one.at,
        one.wanted_by or None,
        one.nonce or None,
        one.version,
    )


def _read(row: DraftRow) -> Draft:
    return Draft(
        id=row.id,
        name=row.name,
        files=json.loads(row.files) if row.files else {},
        digest=row.digest,
        by=row.by,
        at=row.at,
        wanted_by=row.wanted_by or "",
        nonce=row.nonce or "",
        version=row.version,
    )
