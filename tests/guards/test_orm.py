"""A mapped class of somebody else's application: whatever way a row takes, the policy is asked before it is written."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import (
    JSON,
    ForeignKey,
    MetaData,
    Table,
    bindparam,
    column,
    create_engine,
    event,
    func,
    insert,
    literal,
    select,
    table,
    text,
    update,
)
from sqlalchemy import Engine as SqlEngine
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, aliased, mapped_column, relationship

from compliance.bootstrap import Engine
from compliance.domain.errors import CollectionRefused, ConfigurationInvalid
from compliance.guards.orm import ModelGuard, guard_model
from compliance.policies.loader import read_files, shipped
from tests.builders import MOBILE, MovedClock, an_engine, codes, published
from tests.strategies import ID_NUMBER

COLUMNS = {
    "name": "visitor_name",
    "room": "host_room",
    "phone": "visitor_phone",
    "why": "visit_purpose",
    "came": "entry_time",
    "left": "exit_time",
}
GOOD: dict[str, Any] = {"name": "张三", "room": "3-1-1201"}
BAD: dict[str, Any] = {**GOOD, "why": ID_NUMBER}


class Base(DeclarativeBase):
    pass


class Firm(Base):
    __tablename__ = "firm"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    visits: Mapped[list[Visit]] = relationship(back_populates="firm")


class Visit(Base):
    __tablename__ = "visits"
    id: Mapped[int] = mapped_column(primary_key=True)
    firm_id: Mapped[int | None] = mapped_column(ForeignKey("firm.id"))
    visitor: Mapped[str | None] = mapped_column("name")  # an attribute need not be called as its column
    room: Mapped[str | None]
    phone: Mapped[str | None]
    why: Mapped[str | None]
    came: Mapped[datetime | None]
    left: Mapped[datetime | None]
    badge: Mapped[str | None]
    firm: Mapped[Firm | None] = relationship(back_populates="visits")


class Archive(Base):
    __tablename__ = "visits_archive"
    id: Mapped[int] = mapped_column(primary_key=True)
    note: Mapped[str | None]


VISITS: Any = Visit.__table__
TECHNICAL = ("id", "firm_id", "badge")


@pytest.fixture
def theirs() -> Iterator[SqlEngine]:
    made = create_engine("sqlite://")
    Base.metadata.create_all(made)
    yield made
    made.dispose()


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    with an_engine(tmp_path / "home", MovedClock()) as engine:
        yield engine


def a_guard(engine: Engine, **changes: Any) -> ModelGuard:
    usual: dict[str, Any] = {
        "category": "visitor",
        "channel": "desk",
        "columns": COLUMNS,
        "technical": TECHNICAL,
    }
    return guard_model(engine, Visit, **{**usual, **changes})


@pytest.fixture
def guard(engine: Engine, theirs: SqlEngine) -> Iterator[ModelGuard]:
    made = a_guard(engine)
    yield made
    made.remove()


@pytest.fixture
def session(theirs: SqlEngine) -> Iterator[Session]:
    with Session(theirs) as session:
        yield session


def visit(**columns: Any) -> Visit:
    return Visit(**{("visitor" if name == "name" else name): value for name, value in columns.items()})


def rows(session: Session) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in session.execute(text("SELECT name, room, why FROM visits ORDER BY id"))]


def _flushed(session: Session, one: dict[str, Any]) -> None:
    session.add(visit(**one))
    session.flush()


def _merged(session: Session, one: dict[str, Any]) -> None:
    session.merge(visit(id=7, **one))
    session.flush()


def _cascaded(session: Session, one: dict[str, Any]) -> None:
    session.add(Firm(title="x", visits=[visit(**one)]))
    session.flush()


def _mapped(one: dict[str, Any]) -> dict[str, Any]:
    return {("visitor" if name == "name" else name): value for name, value in one.items()}


# Every way in that SQLAlchemy has and that can be read: the good row is written, the bad one is not.
WAYS: dict[str, Callable[[Session, dict[str, Any]], Any]] = {
    "add": _flushed,
    "merge": _merged,
    "a relationship": _cascaded,
    "bulk_save_objects": lambda s, one: s.bulk_save_objects([visit(**one)]),
    "bulk_insert_mappings": lambda s, one: s.bulk_insert_mappings(Visit, [_mapped(one)]),
    "an ORM insert of many": lambda s, one: s.execute(insert(Visit), [_mapped(GOOD), _mapped(one)]),
    "an ORM insert with values": lambda s, one: s.execute(insert(Visit).values(**one)),
    "an ORM insert by attributes": lambda s, one: s.execute(insert(Visit).values(**_mapped(one))),
    "a Core insert": lambda s, one: s.connection().execute(VISITS.insert(), one),
    "executemany": lambda s, one: s.connection().execute(VISITS.insert(), [one, one]),
    "values": lambda s, one: s.connection().execute(VISITS.insert().values(**one)),
    "several values": lambda s, one: s.connection().execute(VISITS.insert().values([one, one])),
    "bound values": lambda s, one: s.connection().execute(
        VISITS.insert().values({name: bindparam(f"b_{name}") for name in one}),
        [{f"b_{name}": value for name, value in one.items()}],
    ),
    "returning": lambda s, one: s.execute(insert(Visit).returning(Visit.id), [_mapped(one)]),
    "nothing on conflict": lambda s, one: s.execute(sqlite.insert(VISITS).on_conflict_do_nothing(), [one]),
    "a table by its name": lambda s, one: s.connection().execute(
        insert(table("visits", *map(column, one))), one
    ),
    "a reflected table": lambda s, one: s.connection().execute(
        Table("visits", MetaData(), autoload_with=s.connection()).insert(), one
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_each_way_in_is_guarded(way: str, guard: ModelGuard, session: Session) -> None:
    WAYS[way](session, GOOD)
    session.commit()
    before = rows(session)
    assert before[-1][:2] == ("张三", "3-1-1201")

    with pytest.raises(CollectionRefused) as refused:
        WAYS[way](session, BAD)
    session.rollback()

    assert codes(refused.value.reasons) == {"bad_format:why"}
    assert ID_NUMBER not in str(refused.value)
    assert rows(session) == before


@pytest.mark.parametrize("way", WAYS)
def test_without_the_guard_each_of_them_would_have_written_it(way: str, session: Session) -> None:
    WAYS[way](session, BAD)

    assert ID_NUMBER in [row[2] for row in rows(session)]


def _changed(session: Session, one: dict[str, Any]) -> None:
    found = session.get_one(Visit, 1)
    for name, value in _mapped(one).items():
        setattr(found, name, value)
    session.flush()


CHANGES: dict[str, Callable[[Session, dict[str, Any]], Any]] = {
    "an attribute": _changed,
    "bulk_update_mappings": lambda s, one: s.bulk_update_mappings(Visit, [{"id": 1, **_mapped(one)}]),
    "an ORM update": lambda s, one: s.execute(update(Visit).where(Visit.id == 1).values(**one)),
    "an ORM update of many": lambda s, one: s.execute(update(Visit), [{"id": 1, **_mapped(one)}]),
    "a query": lambda s, one: s.query(Visit).filter_by(id=1).update(dict[Any, Any](_mapped(one))),
    "a Core update": lambda s, one: s.connection().execute(VISITS.update().values(**one)),
    "ordered values": lambda s, one: s.connection().execute(
        VISITS.update().ordered_values(*((VISITS.c[name], value) for name, value in one.items()))
    ),
    "bound values": lambda s, one: s.connection().execute(
        VISITS.update().where(VISITS.c.id == bindparam("at")).values({n: bindparam(f"b_{n}") for n in one}),
        [{"at": 1, **{f"b_{name}": value for name, value in one.items()}}],
    ),
}


@pytest.mark.parametrize("way", CHANGES)
def test_each_way_to_change_a_row_is_guarded(way: str, guard: ModelGuard, session: Session) -> None:
    session.add(visit(**GOOD))
    session.commit()
    CHANGES[way](session, {"room": "2-101"})
    session.commit()
    assert rows(session) == [("张三", "2-101", None)]

    with pytest.raises(CollectionRefused) as refused:
        CHANGES[way](session, {"why": ID_NUMBER})
    session.rollback()

    assert codes(refused.value.reasons) == {"bad_format:why"}
    assert rows(session) == [("张三", "2-101", None)]


UNREADABLE: dict[str, Callable[[Session], Any]] = {
    "rows of a SELECT": lambda s: s.execute(insert(Visit).from_select(["room"], select(Archive.note))),
    "an expression": lambda s: s.execute(insert(Visit).values(name=func.upper("x"), room="3-1-1201")),
    "an expression in an update": lambda s: s.execute(update(Visit).values(room=Visit.badge)),
    "a literal": lambda s: s.execute(insert(Visit).values(name=literal("x") + "y")),
    "an upsert": lambda s: s.execute(
        sqlite.insert(VISITS)
        .values(id=1, **GOOD)
        .on_conflict_do_update(index_elements=["id"], set_={"why": ID_NUMBER})
    ),
    "an expression on an object": lambda s: _flushed(s, {**GOOD, "why": func.lower("X")}),
    "a CTE that writes": lambda s: s.execute(
        select(insert(VISITS).values(**BAD).returning(VISITS.c.id).cte())
    ),
    "text": lambda s: s.execute(text("INSERT INTO visits (why) VALUES (:v)"), {"v": ID_NUMBER}),
    "text in quotes": lambda s: s.execute(text('insert  into main."visits" (why) values (1)')),
    "text with a comment": lambda s: s.execute(text("INSERT /* x */ INTO/**/visits (why) VALUES (1)")),
    "replacing": lambda s: s.execute(text("REPLACE INTO visits (why) VALUES (1)")),
    "an update in text": lambda s: s.execute(text("UPDATE visits SET why = 1")),
    "the driver's text": lambda s: s.connection().exec_driver_sql("INSERT INTO visits (why) VALUES (1)"),
}


@pytest.mark.parametrize("way", UNREADABLE)
def test_what_cannot_be_read_beforehand_is_refused(way: str, guard: ModelGuard, session: Session) -> None:
    session.add(Archive(note=ID_NUMBER))
    session.flush()

    with pytest.raises(CollectionRefused):
        UNREADABLE[way](session)
    session.rollback()

    assert rows(session) == []


def test_what_does_not_write_the_table_is_let_be(guard: ModelGuard, session: Session) -> None:
    session.add(Archive(note=ID_NUMBER))
    session.execute(text("INSERT INTO visits_archive (note) VALUES ('visits')"))
    session.execute(update(Archive).values(note="visits"))
    session.execute(text("SELECT * FROM visits"))
    session.execute(select(Visit).with_for_update())
    session.execute(text("DELETE FROM visits"))

    assert session.scalar(select(func.count()).select_from(aliased(Archive))) == 2


def test_nothing_at_all_is_sent_where_one_object_of_a_flush_is_refused(
    guard: ModelGuard, session: Session, theirs: SqlEngine
) -> None:
    sent: list[str] = []
    event.listen(theirs, "before_cursor_execute", lambda *of: sent.append(of[2]))
    session.add(Archive(note="another table, which would come first"))
    session.add(visit(**BAD))

    with pytest.raises(CollectionRefused):
        session.flush()

    assert sent == []


def test_an_object_takes_on_the_form_in_which_the_policy_keeps_it(
    guard: ModelGuard, session: Session
) -> None:
    one = visit(**GOOD, phone="+86 194-0000-0001", came=datetime.fromisoformat("2026-03-02T09:59"))
    session.add(one)
    session.commit()

    assert (one.phone, one.came) == (MOBILE, datetime.fromisoformat("2026-03-02T09:59"))


def test_rows_of_a_bulk_insert_take_it_on_too(guard: ModelGuard, session: Session) -> None:
    session.execute(insert(Visit), [_mapped({**GOOD, "phone": "194 0000 0001"})])

    assert session.scalars(select(Visit.phone)).all() == [MOBILE]


def test_a_required_column_is_missed_and_may_not_be_emptied(guard: ModelGuard, session: Session) -> None:
    session.add(visit(name="张三"))
    with pytest.raises(CollectionRefused) as refused:
        session.flush()

    assert codes(refused.value.reasons) == {"missing_field:room"}


def test_a_change_may_not_contradict_the_times_that_stand(guard: ModelGuard, session: Session) -> None:
    one = visit(**GOOD, came=datetime.fromisoformat("2026-03-02T09:30"))
    session.add(one)
    session.commit()
    assert one.came
    one.left = datetime.fromisoformat("2026-03-02T09:00")
    with pytest.raises(CollectionRefused) as refused:
        session.flush()

    assert codes(refused.value.reasons) == {"bad_order:left"}


def test_a_technical_column_holds_no_identifier(guard: ModelGuard, session: Session) -> None:
    _flushed(session, {**GOOD, "badge": "B-17"})
    with pytest.raises(CollectionRefused) as refused:
        _flushed(session, {**GOOD, "badge": ID_NUMBER})

    assert codes(refused.value.reasons) == {"identifier_in_text:badge"}


def test_a_listener_that_comes_after_the_guard_is_met_by_the_second_net(
    guard: ModelGuard, session: Session
) -> None:
    def late(*_: Any) -> None:
        for one in session.new:
            if isinstance(one, Visit):
                one.why = ID_NUMBER

    event.listen(session, "before_flush", late)
    session.add(visit(**GOOD))

    with pytest.raises(CollectionRefused):
        session.flush()


def test_an_object_of_a_failed_flush_vouches_for_nothing(guard: ModelGuard, session: Session) -> None:
    session.add_all([visit(id=1, **GOOD), Visit(id=1, visitor="李四", room="2-101")])
    with pytest.raises(Exception, match="UNIQUE"):
        session.flush()
    session.rollback()

    assert guard._judged.get() == frozenset()


@pytest.mark.parametrize("value", [["a"], {"a": 1}, 7, b"x", True, "\ud800"], ids=repr)
def test_a_value_of_a_wrong_type_is_refused(value: object, guard: ModelGuard, session: Session) -> None:
    with pytest.raises(CollectionRefused) as refused:
        _flushed(session, {**GOOD, "why": value})

    assert codes(refused.value.reasons) == {"bad_format:why"}


def test_threads_do_not_vouch_for_each_other(guard: ModelGuard, tmp_path: Path) -> None:
    shared = create_engine(f"sqlite:///{tmp_path / 'theirs.db'}")
    Base.metadata.create_all(shared)

    def add(n: int) -> int:
        with Session(shared) as session:
            session.add(visit(**(BAD if n % 2 else GOOD)))
            try:
                session.commit()
            except CollectionRefused:
                return 0
            return 1

    async def all_of_them() -> list[int]:
        return await asyncio.gather(*(asyncio.to_thread(add, n) for n in range(20)))

    assert sum(asyncio.run(all_of_them())) == 10
    with Session(shared) as session:
        assert {row[2] for row in rows(session)} == {None}
    shared.dispose()


def test_on_postgresql_the_same_ways_are_guarded(engine: Engine, postgres_database: str) -> None:
    theirs = create_engine(postgres_database)
    Base.metadata.create_all(theirs)
    made = a_guard(engine)
    ways = {name: way for name, way in WAYS.items() if name not in ("merge", "nothing on conflict")}
    try:
        with Session(theirs) as session:
            for n, way in enumerate(ways.values(), 1):
                way(session, GOOD)
                session.commit()
                with pytest.raises(CollectionRefused):
                    way(session, BAD)
                session.rollback()
                assert len(rows(session)) >= n
            for text_ in ("COPY visits FROM STDIN", 'INSERT INTO public."visits" (why) VALUES (1)'):
                with pytest.raises(CollectionRefused):
                    session.connection().exec_driver_sql(text_)
            upsert = postgresql.insert(VISITS).values(id=1, **GOOD)
            with pytest.raises(CollectionRefused):
                session.execute(upsert.on_conflict_do_update(index_elements=["id"], set_={"why": ID_NUMBER}))
            assert {row[2] for row in rows(session)} == {None}
    finally:
        made.remove()
        theirs.dispose()


def test_an_asynchronous_session_is_guarded_too(engine: Engine, postgres_database: str) -> None:
    made = a_guard(engine)

    async def add(one: dict[str, Any]) -> str | None:
        theirs = create_async_engine(postgres_database)
        try:
            async with theirs.begin() as connection:
                await connection.run_sync(Base.metadata.create_all)
            async with AsyncSession(theirs) as session:
                found = visit(**one)
                session.add(found)
                await session.commit()
                await session.refresh(found)
                return found.phone
        finally:
            await theirs.dispose()

    try:
        assert asyncio.run(add({**GOOD, "phone": "194 0000 0001"})) == MOBILE
        with pytest.raises(CollectionRefused):
            asyncio.run(add(BAD))
    finally:
        made.remove()


def test_where_the_site_strips_an_optional_column_is_emptied_and_the_row_kept(
    engine: Engine, theirs: SqlEngine, session: Session
) -> None:
    text_ = read_files(shipped("residential"))["site.yaml"].replace("mode: enforce", "mode: strip")
    published(engine, **{"site.yaml": text_})
    made = a_guard(engine)
    try:
        one = visit(**BAD)
        session.add(one)
        session.commit()
        assert (one.visitor, one.why) == ("张三", None)
        session.execute(insert(Visit), [_mapped(BAD)])
        assert {row[2] for row in rows(session)} == {None}
    finally:
        made.remove()


def test_our_own_tables_are_not_theirs(engine: Engine, theirs: SqlEngine, session: Session) -> None:
    """A table of the application may be called as one of ours: the gate's own writing is left alone."""

    class Holding(Base):
        __tablename__ = "holding"
        id: Mapped[int] = mapped_column(primary_key=True)
        extra: Mapped[dict[str, Any] | None] = mapped_column(JSON)

    made = guard_model(
        engine,
        Holding,
        category="visitor",
        channel="desk",
        columns={"extra": "visitor_name"},
        technical=("id",),
    )
    try:
        from tests.builders import a_submission

        assert engine.gate.write(a_submission()).record
    finally:
        made.remove()
        Base.metadata.remove(Holding.__table__)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "wrong",
    [
        {"technical": ("id", "firm_id")},
        {"columns": {**COLUMNS, "nowhere": "party_size"}},
        {"columns": {**COLUMNS, "badge": "party_size"}},
        {"columns": {**COLUMNS, "why": "visitor_name"}},
    ],
    ids=["undecided", "unknown", "two meanings", "one field twice"],
)
def test_a_column_that_nobody_decided_about_stops_the_guard(engine: Engine, wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationInvalid):
        a_guard(engine, **wrong)
