"""An error at the command line: one sentence in each language; never a value of a record, never a traceback."""

from __future__ import annotations

import errno
import re
import traceback

from pydantic import ValidationError
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from compliance.domain.errors import (
    ComplianceError,
    ConfigurationInvalid,
    DisclosureRefused,
    DisposalPaused,
    GateClosed,
    JournalMissing,
    KeyLost,
    LedgerError,
    PolicyInvalid,
    PublicationRefused,
    ReadRefused,
    RecordErased,
    RecordUnknown,
    RequestRefused,
    ReviewRefused,
)

_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
DISK_FULL = "磁盘已满，没有写入；请腾出空间后再试。 / The disk is full and nothing was written: make room and try again."

# What an error says in Chinese where its own sentence is English only. The narrower stands before the wider.
_IN_CHINESE: tuple[tuple[type[ComplianceError], str], ...] = (
    (PolicyInvalid, "规则有误，没有采用"),
    (PublicationRefused, "规则不能这样发布"),
    (RecordErased, "这条记录已经删除"),
    (RecordUnknown, "没有这条记录"),
    (ReadRefused, "按规则不能这样查看"),
    (DisclosureRefused, "不能这样对外提供"),
    (RequestRefused, "这一步现在办不了，请核对编号和状态"),
    (ReviewRefused, "报告不能这样出具或复核"),
    (KeyLost, "密钥不可用，请联系管理员"),
    (GateClosed, "登记暂停：还没有发布规则，或账本写不进去（可运行 compliance doctor）"),
    (DisposalPaused, "删除暂停中，请负责人处理"),
    (JournalMissing, "操作日志不见了，找回之前什么都不会打开"),
    (LedgerError, "账本或签名核对不上"),
    (ConfigurationInvalid, "设置有误"),
)

# Sentences that deserve more than their kind says.
_SAID = {
    "No living record has this pass code.": "没有这个通行码的登记，或登记已删除",
    "There is no such request.": "没有这个编号的申请",
    "mobile: bad format": "手机号位数不对，请核对",
    "This kind of request, or this way of asking, is not taken here.": "请给出通行码或登记过的手机号（只填一个）；这类申请这里办不了的，请到前台",
}


def in_both_languages(error: ComplianceError) -> str:
    """The error's own sentence, led by a Chinese one where it has none."""
    said = str(error)
    if _CHINESE.search(said):
        return said
    zh = _SAID.get(said) or next((text for kind, text in _IN_CHINESE if isinstance(error, kind)), "没有办成")
    return f"{zh}。 / {said}"


def in_a_sentence(error: Exception) -> str:
    """Whatever else was raised. Messages of libraries may hold values, so of those only kind and place are told."""
    if isinstance(error, ValidationError):
        names = ", ".join(str(one["loc"][0]) for one in error.errors() if one["loc"])
        return f"设置有误：{names}。 / A setting is wrong: {names}."
    if isinstance(error, UnicodeError):
        return "不是 UTF-8 文本文件。 / This is not a UTF-8 text file."
    if isinstance(error, OSError):
        return _of_the_system(error)
    if isinstance(error, SQLAlchemyError):
        return _of_the_database(error)
    place = " < ".join(
        f"{frame.filename.rsplit('/compliance/', 1)[-1]}:{frame.lineno}"
        for frame in reversed(traceback.extract_tb(error.__traceback__)[-4:])
    )
    name = type(error).__name__
    return f"程序出错（{name}，{place}），请报告。 / Something is wrong with the program ({name}, {place}). Please report it."


def _of_the_system(error: OSError) -> str:
    if error.errno in _FULL:
        return DISK_FULL
    why, path = error.strerror or type(error).__name__, error.filename or ""
    return f"文件或文件夹不能使用：{path}（{why}）。 / This file or folder cannot be used: {path} ({why})."


def _of_the_database(error: SQLAlchemyError) -> str:
    if isinstance(error, ArgumentError | NoSuchModuleError):
        return "COMPLIANCE_DATABASE 写错了，请写成 postgresql+psycopg://…。 / COMPLIANCE_DATABASE is no database URL: write postgresql+psycopg://…"
    cause = str(getattr(error, "orig", ""))
    if "disk is full" in cause or "disk I/O error" in cause:
        return DISK_FULL
    if "not a database" in cause or "malformed" in cause:
        return "数据库文件已损坏或不是数据库。 / The database file is damaged, or is no database."
    if "readonly" in cause:
        return "数据库文件是只读的。 / The database file can only be read."
    if "locked" in cause:
        return "数据库正被占用，请稍后再试。 / The database is busy: try again."
    return "数据库连不上或打不开，请检查 COMPLIANCE_DATABASE 和 COMPLIANCE_HOME。 / The database cannot be reached or opened: check COMPLIANCE_DATABASE and COMPLIANCE_HOME."
