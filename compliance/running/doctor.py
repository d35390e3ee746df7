"""`doctor`: what is missing or misconfigured, and what to do about it. It looks, and changes nothing.

What it opens it opens for reading; a home that is not there yet is not made, and a database is not migrated.
"""

from __future__ import annotations

import shutil
import stat
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryFile
from typing import Final

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from compliance.bootstrap import REAL, SystemClock
from compliance.config import Settings
from compliance.db import migrate
from compliance.db.engine import open_engine
from compliance.db.journal import FileJournal
from compliance.db.unit_of_work import SqlUnitOfWork
from compliance.detectors import DETECTORS
from compliance.domain.errors import ComplianceError
from compliance.domain.modes import mode_at
from compliance.domain.policy import Pack, Site
from compliance.domain.vocabulary import Mode
from compliance.notices.report_words import MODE
from compliance.policies.published import PublishedPacks
from compliance.ports import Books, Clock
from compliance.running.address import is_loopback, parse_bind
from compliance.running.broker import EmbeddedBroker
from compliance.services.home_kind import HOME_KIND

OLDEST_PYTHON: Final = (3, 11)
LEAST_FREE_BYTES: Final = 1 << 30
LAG_ALARM: Final = 60  # seconds: design.md, Proof
#: No head can be newer than now; a step of the clock of more than this pauses disposal.
CLOCK_STEP: Final = timedelta(minutes=5)
#: The shipped pack's telephone numbers lie in an area code that does not exist.
FICTIONAL: Final = "0000-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at. `instead` says what to do where it is not as it should be."""

    ok: bool
    zh: str
    en: str
    instead: str = ""


def doctor(settings: Settings, clock: Clock | None = None) -> list[Finding]:
    """Everything that was looked at, in the order in which one would put it right."""
    clock = clock or SystemClock()
    found = [*_machine(settings), *_keys(settings), *_address(settings), _broker(settings)]
    return [*found, *_books(settings, clock)]


# -- this machine ------------------------------------------------------------------------------------------------


def _machine(settings: Settings) -> Iterator[Finding]:
    have = sys.version_info[:2]
    yield Finding(
        ok=have >= OLDEST_PYTHON,
        zh=f"Python 版本 {have[0]}.{have[1]}",
        en=f"Python {have[0]}.{have[1]}",
        instead="需要 Python 3.11 或更新版本。Install Python 3.11 or newer.",
    )
    home = settings.home.absolute()
    existing = next(path for path in (home, *home.parents) if path.exists())
    yield Finding(
        ok=_takes_files(existing),
        zh=f"数据目录可写：{home}",
        en=f"The home folder can be written to: {home}",
        instead="检查目录的所有者，或设置 COMPLIANCE_HOME。Check its owner, or set COMPLIANCE_HOME.",
    )
    free = shutil.disk_usage(existing).free
    yield Finding(
        ok=free >= LEAST_FREE_BYTES,
        zh=f"磁盘剩余 {free >> 20} MB",
        en=f"{free >> 20} MB of disk are free",
        instead="至少留出 1 GB：写不进账本时登记会停止。Keep 1 GB free: the gate closes when the ledger cannot grow.",
    )
    yield Finding(
        ok=True,
        zh="不需要 Chromium：PDF 由内置排版生成，浏览器只用于测试",
        en="Chromium is not needed: PDFs are set by the built-in typesetter, browsers serve tests only",
    )


def _takes_files(folder: Path) -> bool:
    """By trying: access bits say yes to root everywhere, on a read-only disk and in /proc as well."""
    try:
        with TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def _keys(settings: Settings) -> Iterator[Finding]:
    keys = settings.keys_folder.absolute()
    if keys.is_dir():
        mode = stat.S_IMODE(keys.stat().st_mode)
        yield Finding(
            ok=not mode & 0o077,
            zh=f"密钥目录仅所有者可读写（{mode:o}）",
            en=f"The key folder is its owner's alone ({mode:o})",
            instead=f"chmod 700 {keys}",
        )
    database = _database_file(settings)
    apart = settings.keys is not None
    together = database is not None and (
        keys.is_relative_to(database.parent) or database.is_relative_to(keys)
    )
    yield Finding(
        ok=not (apart and together),
        zh="密钥与数据库分开存放"
        if not together
        else "密钥在数据目录之内：备份时数据库和密钥分开，不要整目录复制",
        en="Keys and database lie apart"
        if not together
        else "The keys lie inside the home: back up database and keys apart, never by copying the folder",
        instead="COMPLIANCE_KEYS 不要放在数据库所在目录里，否则同一份备份既有密文又有密钥。"
        "Put COMPLIANCE_KEYS outside the database's folder, or one backup holds both.",
    )


def _address(settings: Settings) -> Iterator[Finding]:
    try:
        parse_bind(settings.bind)
    except ComplianceError as wrong:
        yield Finding(ok=False, zh="监听地址有误", en="COMPLIANCE_BIND is wrong", instead=str(wrong))


def _broker(settings: Settings) -> Finding:
    if not settings.broker:
        runs = EmbeddedBroker(settings.home).answers()
        return Finding(
            ok=True,
            zh="内置消息服务" + ("正在运行" if runs else "未运行，`up` 启动时自带"),
            en="The embedded broker is " + ("running" if runs else "not running; `up` brings it along"),
        )
    try:
        with Redis.from_url(settings.broker, socket_timeout=3, retry=Retry(NoBackoff(), 0)) as client:
            ok = bool(client.ping())
    except (RedisError, ValueError, OSError):
        ok = False
    return Finding(
        ok=ok,
        zh="消息服务可以连接" if ok else "消息服务连接不上",
        en="The broker answers" if ok else "The broker does not answer",
        instead="检查 COMPLIANCE_BROKER 和网络；登记不受影响，到期清除会延后。"
        "Check COMPLIANCE_BROKER and the network; writing goes on, sweeps are late.",
    )


# -- our own books -----------------------------------------------------------------------------------------------


def _books(settings: Settings, clock: Clock) -> Iterator[Finding]:
    database = _database_file(settings)
    if database is not None and not database.exists():
        yield Finding(
            ok=False,
            zh="还没有数据库",
            en="There is no database yet",
            instead="先运行 `compliance up`（演示）或 `compliance policy publish <目录>`。"
            "Run `compliance up` (demo) or `compliance policy publish PACK` first.",
        )
        return
    engine = open_engine(settings.database_url)
    try:
        with engine.connect() as connection:
            revision = str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one())
    except SQLAlchemyError:
        revision = ""
    yield Finding(
        ok=revision == migrate.head(),
        zh=f"数据库结构版本 {revision or '无'}",
        en=f"The database is at revision {revision or 'none'}",
        instead=f"应为 {migrate.head()}：任何命令启动时会自动升级；连不上时检查 COMPLIANCE_DATABASE。"
        f"It should be {migrate.head()}: any command upgrades it; where it cannot be reached, check COMPLIANCE_DATABASE.",
    )
    if revision == migrate.head():
        with SqlUnitOfWork(engine).reading() as books:
            yield from _history(books, settings, clock)
            yield from _policy(books, settings, clock)
            yield _detectors(books)
    engine.dispose()


def _history(books: Books, settings: Settings, clock: Clock) -> Iterator[Finding]:
    now, head = clock.now(), books.ledger.head()
    yield Finding(
        ok=head is None or FileJournal(settings.journal_path).exists(),
        zh="行为日志在",
        en="The acts journal is there",
        instead=f"没有它任何入口都不会打开：把 {settings.journal_path} 从它自己的备份取回。"
        f"Nothing opens without it: bring {settings.journal_path} back from its own backup.",
    )
    oldest = books.ledger.oldest_pending()
    lag = max(0, int(now.timestamp()) - oldest) if oldest is not None else 0
    yield Finding(
        ok=lag <= LAG_ALARM,
        zh=f"账本签封滞后 {lag} 秒",
        en=f"The ledger lags {lag} seconds",
        instead="检查 worker 和 beat 是否在运行；超过15分钟登记会停止。"
        "See that a worker and a beat run; over 15 minutes the gate closes.",
    )
    yield Finding(
        ok=head is None or now.timestamp() >= head.time - CLOCK_STEP.total_seconds(),
        zh=f"本机时间 {now:%Y-%m-%d %H:%M} UTC，不早于最后一次签封",
        en=f"This machine's clock says {now:%Y-%m-%d %H:%M} UTC, not before the last signed head",
        instead="时钟早于账本：校时后再运行，清除已自动暂停。"
        "The clock is behind the ledger: set it; disposal has paused by itself.",
    )


def _detectors(books: Books) -> Finding:
    """Silence is no fault: nobody may have written one. But the officer is to see it."""
    last = books.reports.last_detected()
    silent = [detector.label for detector in DETECTORS if detector.kind not in last]
    zh, en = "、".join(label[0] for label in silent), ", ".join(label[1] for label in silent)
    return Finding(
        ok=True,
        zh=f"检测器从未命中：{zh}" if silent else "每个检测器都命中过",
        en=f"These detectors have never fired: {en}" if silent else "Every detector has fired",
    )


def _policy(books: Books, settings: Settings, clock: Clock) -> Iterator[Finding]:
    try:
        pack = PublishedPacks().active(books, clock.now())
    except ComplianceError:
        yield Finding(
            ok=False,
            zh="没有生效的规则，登记入口关闭",
            en="No policy is in force, so the gate is closed",
            instead="compliance policy publish <目录 PACK>",
        )
        return
    yield Finding(
        ok=True, zh=f"规则第 {pack.version} 版生效", en=f"Version {pack.version} of the policy is in force"
    )
    yield _mode(pack.site, clock)
    yield from _emergencies(books, pack, clock)
    yield from _site(pack.site, settings, real=books.switches.get(HOME_KIND) == REAL)


def _mode(site: Site, clock: Clock) -> Finding:
    """Observing is allowed and bounded, yet it is never how things should stay."""
    mode = mode_at(site, clock.now())
    watched = site.observation
    until = f"，至 {watched.until}，批准人 {watched.by}" if mode is Mode.OBSERVE and watched else ""
    return Finding(
        ok=mode is not Mode.OBSERVE,
        zh=f"登记模式：{MODE[mode][0]}{until}",
        en=f"The mode is {mode.value}" + (f" until {watched.until}" if until and watched else ""),
        instead="观察期一到自动改为略去（strip）；尽快改正来源后发布 mode: enforce。"
        "It becomes strip by itself; mend what sends too much, then publish mode: enforce.",
    )


def _emergencies(books: Books, pack: Pack, clock: Clock) -> Iterator[Finding]:
    now, today = clock.now(), pack.site.day_of(clock.now()).isoformat()
    for row in books.emergencies.listed():
        ends = row.opening().ends_at.astimezone(pack.site.timezone)
        if row.opening().is_open(now):
            yield Finding(
                ok=True,
                zh=f"应急 {row.profile} 启动中，最迟 {ends:%Y-%m-%d %H:%M} 结束",
                en=f"The emergency {row.profile} is open until {ends:%Y-%m-%d %H:%M} at the latest",
            )
        elif row.told_on is None:
            yield Finding(
                ok=row.tell_by is None or row.tell_by >= today,
                zh=f"应急 {row.profile} 已结束，补告知应在 {row.tell_by or '清理之后'} 前办理",
                en=f"The emergency {row.profile} is over; people are told by {row.tell_by or 'the next sweep'}",
                instead="在 /officer/emergencies 打印并张贴补告知（PIPL 18(2)）。"
                "Print the notice at /officer/emergencies and post it (PIPL 18(2)).",
            )


def _site(site: Site, settings: Settings, *, real: bool) -> Iterator[Finding]:
    contacts = (site.officer.contact, site.controller.contact)
    yield Finding(
        ok=all(contacts) and not (real and any(contact.startswith(FICTIONAL) for contact in contacts)),
        zh="负责人和物业的联系方式已填写",
        en="The officer and the controller can be reached",
        instead="在 site.yaml 填写真实的联系方式，示例号码不能用于告知（PIPL 17）。"
        "Put real contacts into site.yaml: a notice with the example's numbers tells nobody anything (PIPL 17).",
    )
    url = site.public_url
    outside = not is_loopback(parse_bind(settings.bind)[0])
    yield Finding(
        ok=url.startswith("https://") or (not url and not outside),
        zh=f"对外网址 {url}" if url else "没有对外网址：不打印二维码，手机打不开个人页面",
        en=f"The public address is {url}"
        if url
        else "There is no public address: no QR codes, and no page for phones",
        instead="在 site.yaml 设置 public_url（https），由反向代理终止 TLS；口令和姓名不能明文传输。"
        "Set public_url (https) in site.yaml behind a proxy that ends TLS: passwords and names must not travel in clear.",
    )


def _database_file(settings: Settings) -> Path | None:
    """The file of our own books; None where another server keeps them."""
    prefix = "sqlite:///"
    url = settings.database_url
    return Path(url.removeprefix(prefix)).absolute() if url.startswith(prefix) else None
