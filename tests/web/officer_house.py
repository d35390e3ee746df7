"""What the tests of the officer's pages share."""

from __future__ import annotations

from datetime import timedelta

import httpx
from sqlalchemy import text

from compliance.bootstrap import Engine
from compliance.db.unit_of_work import SqlUnitOfWork
from tests.web.conftest import SteppingClock, a_submission


def sent(client: httpx.Client, path: str, **fields: str | list[str]) -> httpx.Response:
    return client.post(path, data={"csrftoken": client.cookies["csrftoken"], **fields})


def a_visit(engine: Engine) -> str:
    return engine.gate.write({**a_submission(), "category": "visitor"}).pass_code


def a_hold(engine: Engine, clock: SteppingClock) -> str:
    until = (clock.now() + timedelta(days=20)).date()
    return engine.holds.place(
        ground="R8", document="示例〔2026〕1号", law_ref="刑事诉讼法 54", until=until, by="staff-9"
    )


def alter(engine: Engine, was: str, becomes: str) -> None:
    """Change a kept report behind everybody's back."""
    assert isinstance(engine.books, SqlUnitOfWork)
    with engine.books.engine.begin() as connection:
        changed = text("UPDATE review SET figures = replace(figures, :was, :becomes)")
        connection.execute(changed, {"was": was, "becomes": becomes})
