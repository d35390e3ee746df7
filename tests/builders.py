"""What tests are made of: valid by default, and one keyword changes one thing.

The pack is the shipped one, the books are a real SQLite file under `tmp_path`, and time is moved by hand.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from compliance.bootstrap import SCRATCH, Engine, bootstrap
from compliance.config import Settings
from compliance.db.unit_of_work import SqlBooks
from compliance.domain.agreement import LivingConsent
from compliance.domain.collection import Admitted, Circumstances, Refused, admit
from compliance.domain.difference import compare
from compliance.domain.policy import FieldRule, Pack, Site
from compliance.domain.reasons import Reason
from compliance.domain.schedule import Period, Retention, Start
from compliance.domain.submission import Defaults, Submission, parse
from compliance.domain.vocabulary import Channel, FieldType, Role, ShowAs, StoreForm
from compliance.policies.cases import fitting
from compliance.policies.instruments import INSTRUMENTS
from compliance.policies.loader import LoadedPack, load, load_text, read_files, shipped
from compliance.services.reading import Actor

SHANGHAI = ZoneInfo("Asia/Shanghai")
START = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)  # a Monday, ten in the morning in Shanghai
MOBILE = "19400000001"  # a prefix that is not in service
GUARD = Actor(id="staff-7", role=Role.GUARD)
OFFICER = Actor(id="staff-9", role=Role.OFFICER)


class MovedClock:
    """Stands still until it is moved. `forward` moves both clocks, `step` the wall clock alone."""

    def __init__(self, at: datetime = START) -> None:
        self.at, self.seconds, self.booted = at, 1000.0, "boot-1"

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.seconds

    def boot(self) -> str:
        return self.booted

    def forward(self, **by: float) -> MovedClock:
        self.at += timedelta(**by)
        self.seconds += timedelta(**by).total_seconds()
        return self

    def step(self, **by: float) -> MovedClock:
        self.at += timedelta(**by)
        return self

    def to(self, at: datetime) -> MovedClock:
        return self.forward(seconds=(at - self.at).total_seconds())


@cache
def a_pack() -> LoadedPack:
    """The shipped residential pack, unpublished."""
    return load(shipped("residential"))


def a_site(**changes: Any) -> Site:
    return replace(a_pack().site, **changes)


def a_pack_with(category: str = "visitor", *, site: Mapping[str, Any] | None = None, **changes: Any) -> Pack:
    """The shipped pack with one category's, or the site's, attributes changed."""
    pack = a_pack()
    categories = {**pack.categories, category: replace(pack.categories[category], **changes)}
    return replace(pack, categories=categories, site=replace(pack.site, **(site or {})))


def with_field(rule: FieldRule, category: str = "visitor", *, site: Mapping[str, Any] | None = None) -> Pack:
    """The shipped pack with one field more, or one field another."""
    fields = {**a_pack().categories[category].fields, rule.name: rule}
    return a_pack_with(category, site=site, fields=fields)


def a_field(name: str = "visitor_name", category: str = "visitor", **changes: Any) -> FieldRule:
    """A shipped field, changed."""
    return replace(a_pack().categories[category].fields[name], **changes)


def a_rule(type: FieldType = FieldType.TEXT, **changes: Any) -> FieldRule:
    """A field of any type, kept as the visitor's are."""
    return replace(
        a_field("visit_purpose", values=(), store=StoreForm.SEALED, show_as=ShowAs.FULL), type=type, **changes
    )


def a_retention(keep: str = "30d", starts: str = "exit_time", or_else: str = "entry_time + 24h") -> Retention:
    return Retention(starts=Start.parse(starts), or_else=Start.parse(or_else), keep=Period.parse(keep))


FIELDS = {"visitor_name": "张三", "host_room": "3-1-1201"}
ORAL = {"mode": "oral", "by": "staff-7"}
SPOKEN = {"kind": "plain", "by": "self", "act": "spoken"}


def a_submission(**changes: Any) -> dict[str, Any]:
    """A visitor at the desk who was read the notice and agreed. `fields` are added to those that are required."""
    fields = {**FIELDS, **changes.pop("fields", {})}
    whole: dict[str, Any] = {
        "category": "visitor",
        "channel": "desk",
        "site": "main",
        "fields": fields,
        "notice": ORAL,
        "consent": [SPOKEN],
    }
    return {name: value for name, value in {**whole, **changes}.items() if value is not ...}


def usual_channel(category: str) -> Channel:
    """The desk, where a category has one; else the first way that it comes by."""
    channels = a_pack().categories[category].channels
    return Channel.DESK if Channel.DESK in channels else channels[0]


def fitting_fields(category: str, at: datetime = START) -> dict[str, object]:
    """A fitting value for every field that the category's usual channel may bring."""
    policy, channel = a_pack().categories[category], usual_channel(category)
    fields: dict[str, object] = {
        name: fitting(rule, at)
        for name, rule in policy.fields.items()
        if not rule.channels or channel in rule.channels
    }
    unheard_of_yet = {later for _, later in policy.order if not policy.fields[later].required}
    return {name: value for name, value in fields.items() if name not in unheard_of_yet}


def a_full_submission(
    category: str, at: datetime = START, *, shown: str = "", **changes: Any
) -> dict[str, Any]:
    """Every field of a category by its usual channel, noticed and consented to as each needs: read out, or `shown`."""
    policy, channel = a_pack().categories[category], usual_channel(category)
    fields = changes.pop("fields", None) or fitting_fields(category, at)
    act = {"by": "self", "act": "sign" if shown else "spoken"}
    acts: list[dict[str, Any]] = [{**act, "kind": "plain"}]
    acts += [
        {**act, "kind": "separate", "covers": [name]}
        for name in fields
        if policy.fields[name].needs_separate_consent
    ]
    notice: dict[str, Any] = {"mode": "screen", "id": shown} if shown else ORAL
    if not channel.has_person:
        notice, acts = {"mode": "posted"}, []
    whole = {"category": category, "channel": channel.value, "notice": notice, "consent": acts, **changes}
    return a_submission(**whole) | {"fields": fields}


def parsed(now: datetime = START, defaults: Defaults | None = None, **changes: Any) -> Submission:
    read = parse(a_submission(**changes), defaults or Defaults(), now)
    assert isinstance(read, Submission), read
    return read


def verdict(
    submission: Submission | Mapping[str, Any] | None = None,
    *,
    pack: Pack | None = None,
    now: datetime = START,
    notices: Mapping[str, int] | None = None,
    versions: Mapping[int, Pack] | None = None,
    living: Sequence[LivingConsent] = (),
    take_as_given: bool = False,
    defaults: Defaults | None = None,
    **changes: Any,
) -> Admitted | Refused:
    """What the policy says of a submission: `a_submission(**changes)` where none is given.

    `versions` are the packs that notices and earlier consents were given under; `living` what a pass holder consented to.
    """
    if not isinstance(submission, Submission):
        raw = submission if submission is not None else a_submission(**changes)
        read = parse(raw, defaults or Defaults(), now)
        if isinstance(read, tuple):
            return Refused(reasons=read)
        submission = read
    known, pack = versions or {}, pack or a_pack()
    around = Circumstances(
        pack=pack,
        now=now,
        tools=INSTRUMENTS,
        notice_version=lambda notice, _: (notices or {}).get(notice),
        changes_since=lambda number: compare(known[number], pack) if number in known else None,
        consents_of=lambda _: tuple(living),
        take_as_given=take_as_given,
    )
    return admit(submission, around)


def codes(reasons: Admitted | Refused | tuple[Reason, ...]) -> set[str]:
    """The exact set of reasons, as ``code:field``; of an admission, what was stripped."""
    if isinstance(reasons, Admitted):
        reasons = reasons.stripped
    elif isinstance(reasons, Refused):
        reasons = reasons.reasons
    return {f"{one.code.value}:{one.field}" if one.field else one.code.value for one in reasons}


def an_engine(
    home: Path,
    clock: MovedClock | None = None,
    *,
    database: str = "",
    kind: str = SCRATCH,
    publish: bool = True,
) -> Engine:
    """A whole engine on a home of its own, with the shipped pack published. A home that exists is opened as it is."""
    fresh = not (home / "compliance.db").exists()
    if fresh and publish and not database:
        shutil.copytree(_published_home(), home, dirs_exist_ok=True)
    engine = bootstrap(Settings(home=home, database=database), clock=clock or MovedClock(), kind=kind)
    if fresh and publish and database:
        published(engine)
    # Reading the pack takes longer than all the rest; versions never change, and the source keeps what it has read.
    engine.policies._read.setdefault(1, _pack_of_version_1())
    return engine


@cache
def _pack_of_version_1() -> Pack:
    return load_text(read_files(shipped("residential")), version=1, name="published")


@cache
def _published_home() -> Path:
    """A home in which nothing has happened but the publication, made once and copied for each test."""
    home = Path(tempfile.mkdtemp(prefix="compliance-home-"))
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    with bootstrap(Settings(home=home), clock=MovedClock(START - timedelta(hours=1)), kind=SCRATCH) as engine:
        published(engine)
    return home


def published(engine: Engine, **files: str) -> int | None:
    """Publish the shipped pack, with some of its files in other words."""
    texts = {**read_files(shipped("residential")), **files}
    pack = load_text(texts, version=0, name="residential")
    return engine.publishing.publish(pack, texts, "staff-1", second="staff-2")


JUDGED = {
    "lawfulness": "目的明确，手段必要，不提供也能进入。",
    "effect": "期限短，不能按号码查询，影响有限。",
    "measures": "加密保存，限定人员查看，到期自动删除。",
    "opinion": "风险可控，同意启用，一年后复评。",
}


def assessed(engine: Engine, pack: Pack) -> str:
    """Assess what the pack has of sensitive information, and approve it; the assessment's id."""
    drafted = engine.assessments.draft(pack, "officer-1", JUDGED)
    return engine.assessments.approve(drafted.id, "director-1").id


def with_archive(home: Path, *categories: str) -> Path:
    """Make a home lay these categories into files that only grow, before it is first opened; their folder."""
    (home / "stores").mkdir(parents=True)
    listed = ", ".join(categories)
    text = f"kind: sealed_file\nname: archive\nfolder: ../archive\ncategories: [{listed}]\nresidue: {{tape: P90D}}\n"
    (home / "stores" / "archive.yaml").write_text(text, encoding="utf-8")
    return home / "archive"


def connection(books: Any) -> Any:
    """The SQLAlchemy connection below the books, to look, or to do behind our back what nobody should."""
    assert isinstance(books, SqlBooks)
    return books.connection


def sql(engine: Engine, statement: str, **values: Any) -> list[tuple[Any, ...]]:
    """Run one statement on our own database, past every door."""
    from sqlalchemy import text

    with engine.books.writing() as books:
        result = connection(books).execute(text(statement), values)
        return [tuple(row) for row in result] if result.returns_rows else []


def bytes_at_rest(home: Path) -> dict[str, bytes]:
    """Every file under a home, by its path."""
    return {
        str(path.relative_to(home)): path.read_bytes() for path in sorted(home.rglob("*")) if path.is_file()
    }
