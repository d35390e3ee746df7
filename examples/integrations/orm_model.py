"""A mapped class of somebody's application, guarded: no row of it is written that the policy forbids."""

from sqlalchemy import create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from compliance.bootstrap import bootstrap
from compliance.domain.errors import CollectionRefused


class Base(DeclarativeBase):
    pass


class Visit(Base):
    __tablename__ = "visits"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str | None]
    room: Mapped[str | None]
    why: Mapped[str | None]


# -- integration
from compliance.guards.orm import guard_model

guard = guard_model(
    bootstrap(),
    Visit,
    category="visitor",
    channel="desk",
    columns={"name": "visitor_name", "room": "host_room", "why": "visit_purpose"},
    technical=["id"],  # every other column has to be named: nothing is skipped in silence
)
# -- end

if __name__ == "__main__":
    theirs = create_engine("sqlite://", hide_parameters=True)  # a database's own errors would quote the row
    Base.metadata.create_all(theirs)
    with Session(theirs) as session:
        session.add(Visit(name="李女士", room="3-1-1201", why="商务"))
        session.commit()
        session.add(Visit(name="王先生", room="2-101", why="证件 100000197304041270"))
        try:
            session.commit()
        except CollectionRefused as refused:
            print(refused.reasons[0].zh)
