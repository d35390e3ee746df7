"""What every page of the officer shares: who may open it, its frame, and how an answer to a form is said."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import Depends, Path, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from compliance.bootstrap import Engine
from compliance.domain.policy import Pack
from compliance.domain.vocabulary import Role
from compliance.web.forms import Form, form_of
from compliance.web.pages import page
from compliance.web.session import Staff, engine_of, staff_with

Wired = Annotated[Engine, Depends(engine_of)]
Officer = Annotated[Staff, Depends(staff_with(Role.OFFICER, Role.DIRECTOR))]
Typed = Annotated[Form, Depends(form_of)]
#: A number or an id in an address: what never was one of ours never reaches the books.
Opaque = Annotated[str, Path(pattern=r"^[0-9A-Za-z_-]{1,64}$")]

LONGEST: Final = 200
#: What a form came to is told on the next page by a word of this list, so that an address never carries a text.
_DONE: Final = {
    "signed": "已签字，摘要已封入账本。",
    "closed": "这一项已办结。",
    "decided": "决定已作出，结果已告知申请人。",
    "placed": "保全已生效，所涉记录到期也不删除，只存储和保护。",
    "released": "保全已解除，到期的记录随下一次清理删除。",
    "paused": "删除已暂停，请尽快恢复。",
    "resumed": "删除已恢复。",
    "drafted": "草稿已建立，改动只在草稿里，不影响现行规则。",
    "saved": "草稿已保存。",
    "dropped": "已删除。",
    "loaded": "表格已读入草稿。",
    "assessed": "影响评估已保存。",
    "approved": "影响评估已批准，摘要已封入账本。",
    "wanted": "您已签字，请另一名人员确认。",
    "published": "已发布，从现在起生效。期限缩短的，已有记录随后也提前到期；没有一条比原来答应的更久。",
    "unchanged": "与现行规则相同，没有发布，草稿已删除。",
    "asked": "已提交，请另一位负责人核对文书后签字。",
    "countersigned": "已签字，摘要已封入账本。",
    "declined": "已拒绝，并已登记。",
    "undone": "没有登记成：单位要写明，不写姓名和号码。",
    "opened": "应急已启动，增加的项目从现在起可以登记，到期自动结束。",
    "ended": "应急已结束，增加收集的信息正在销毁；请在期限内补告知。",
    "told": "补告知已记录。",
    "excess": "已放行，随下一次清理删除。",
}


def show(request: Request, name: str, here: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """A page. `here` marks the place in the menu."""
    done = _DONE.get(request.query_params.get("done", ""), "")
    around = {"here": here, "done": done, "error": ""} | values
    return page(request, f"officer/{name}.html", status=status, **around)


def onwards(to: str, done: str) -> RedirectResponse:
    return RedirectResponse(f"{to}?done={done}", status_code=303)


def line(form: Form, name: str) -> str:
    """One line of plain text, as the ledger takes it: no control characters, at most 200 characters."""
    return "".join(one for one in form.one(name) if one.isprintable()).strip()[:LONGEST]


def today(engine: Engine, pack: Pack) -> str:
    return pack.site.day_of(engine.clock.now()).isoformat()


def label(pack: Pack, category: str) -> str:
    """A category as people call it; one that the policy no longer has keeps its own word."""
    if not category:
        return "全部类别"
    return pack.categories[category].label.zh if category in pack.categories else category
