"""What `up` prints when everything answers: where to look, who to be, and what is about to happen."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from compliance.running.demo import Seeded, admit_staff

if TYPE_CHECKING:
    from compliance.bootstrap import Engine

_PLACES = (
    ("登记台", "the guards' desk", "/desk"),
    ("个人页面", "for visitors: notice, request, status", "/me"),
    ("负责人", "report, review, request queue", "/officer"),
    ("接口文档", "API for other systems", "/v1/docs"),
)
_ROLES = {"staff-7": "门岗 guard", "officer-1": "负责人 officer", "director-1": "主任 director"}


def say(engine: Engine, address: str, shown: Seeded | None) -> None:
    lines = ["", f"已启动，请打开 / Ready, open:  {address}", ""]
    lines += [f"  {zh}\t{address}{path}\t{en}" for zh, en, path in _PLACES]
    if shown is not None:
        lines += _demo(engine, shown)
    elif _no_policy(engine):
        lines += [
            "",
            "还没有生效的规则，登记入口关闭。先运行：compliance policy publish <目录>",
            "No policy is in force, so the gate is closed. Publish one: compliance policy publish PACK",
        ]
    lines += ["", "Ctrl-C 停止 / Ctrl-C ends it.", ""]
    print("\n".join(lines), flush=True)


def farewell() -> None:
    print("正在停止…… / Stopping …", file=sys.stderr, flush=True)


def _demo(engine: Engine, shown: Seeded) -> list[str]:
    passwords = admit_staff(engine)
    seconds = max(0, int((shown.first_due - engine.clock.now()).total_seconds()))
    return [
        "",
        "演示数据，人物均为虚构 / Demo data: everybody is fictional",
        *(f"  {_ROLES[staff_id]}\t{staff_id}\t{password}" for staff_id, password in passwords.items()),
        f"  通行码 pass code\t{shown.pass_code}\t（个人页面可用它查阅、删除 / ask with it on the visitors' page）",
        "",
        f"接下来五分钟内有 {shown.soon} 条配送员电话到期（约 {seconds} 秒后开始），每分钟清除一次：",
        "以负责人登录，刷新月报，看“删除”表里快递/外卖的“按时”一列增加。",
        f"Within five minutes the phone numbers of {shown.soon} deliveries fall due (from {seconds} s on) and are erased each",
        "minute: log in as the officer, reload the report, and watch Erased · Delivery · on time.",
    ]


def _no_policy(engine: Engine) -> bool:
    with engine.books.reading() as books:
        return books.packs.active_version(int(engine.clock.now().timestamp())) is None
