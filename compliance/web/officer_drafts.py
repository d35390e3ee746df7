"""Writing a policy at /officer/policies/drafts: a form with the lint beside each field, the text itself, or a sheet."""

from __future__ import annotations

import json
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import HTMLResponse, Response

from compliance.bootstrap import Engine
from compliance.domain.vocabulary import Basis, FieldType, Role, Sensitivity
from compliance.policies import editing, sheet
from compliance.policies.editing import NotEditable
from compliance.policies.fault import Fault, Severity
from compliance.policies.loader import digest, findings_in
from compliance.services.drafting import Draft
from compliance.web.faults import NOT_FOUND, UNREADABLE, Refused
from compliance.web.forms import Form
from compliance.web.officer_pages import Officer, Opaque, Typed, Wired, onwards, show
from compliance.web.pages import page
from compliance.web.portal_pages import attachment
from compliance.web.session import Staff

BASE: Final = "/officer/policies/drafts"
router = APIRouter(prefix="/policies/drafts")
#: A file of a pack by its name, as it stands in an address.
Named = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_-]{0,63}\.yaml$")]
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ROLES: Final = {
    Role.GUARD.value: "门岗",
    Role.OFFICER.value: "负责人",
    Role.DIRECTOR.value: "主管",
    Role.AUDITOR.value: "审计",
}
TYPES: Final = {
    FieldType.PERSON_NAME: "姓名",
    FieldType.MOBILE: "手机号",
    FieldType.PLATE: "车牌",
    FieldType.ROOM: "房号",
    FieldType.CODE: "从列表选",
    FieldType.COUNT: "人数、件数",
    FieldType.TIME: "时间",
    FieldType.VERIFICATION: "证件核验（只看不留）",
    FieldType.TEXT: "文字",
    FieldType.ATTACHMENT: "图片、附件",
}
SENSITIVITY: Final = {Sensitivity.NORMAL: "一般", Sensitivity.RAISED: "较高", Sensitivity.SENSITIVE: "敏感"}
BASIS: Final = {
    Basis.CONSENT: "本人同意",
    Basis.CONTRACT: "履行合同所必需",
    Basis.STATUTORY: "法定职责或义务",
    Basis.EMERGENCY: "应对突发事件",
    Basis.OTHER_LAW: "其他法律规定",
}
SEVERITY: Final = {Severity.ERROR: "错误", Severity.WARNING: "警告", Severity.INFO: "提示"}


@router.post("")
def begin(staff: Officer, engine: Wired) -> Response:
    """A new draft: the policies in force, to be changed."""
    pack = engine.active_pack()
    with engine.books.reading() as books:
        kept = books.packs.version(pack.version) or "{}"
    files: dict[str, str] = json.loads(kept)
    draft = engine.drafting.begin(f"{pack.site.name}-{pack.version}", files, digest(files), staff.id)
    return onwards(f"{BASE}/{draft.id}", "drafted")


@router.get("/{draft_id}")
def overview(request: Request, staff: Officer, engine: Wired, draft_id: Opaque) -> Response:
    return show_draft(request, engine, engine.drafting.show(draft_id))


@router.post("/{draft_id}/drop")
def drop(staff: Officer, engine: Wired, draft_id: Opaque) -> Response:
    engine.drafting.drop(draft_id)
    return onwards("/officer/policies", "dropped")


@router.get("/{draft_id}/sheet.xlsx")
def download(staff: Officer, engine: Wired, draft_id: Opaque) -> Response:
    draft = engine.drafting.show(draft_id)
    return attachment(sheet.to_sheet(draft.files), XLSX, f"{draft.name}.xlsx")


async def _uploaded(request: Request) -> bytes:
    """The one file of the form; its size was bounded before it came here."""
    async with request.form(max_files=1, max_fields=4, max_part_size=sheet.LARGEST) as form:
        held = form.get("sheet")
        if held is None or isinstance(held, str):
            raise Refused(UNREADABLE)
        return await held.read()


@router.post("/{draft_id}/sheet")
def upload(
    request: Request,
    staff: Officer,
    engine: Wired,
    draft_id: Opaque,
    content: Annotated[bytes, Depends(_uploaded)],
) -> Response:
    draft = engine.drafting.show(draft_id)
    try:
        files = sheet.from_sheet(draft.files, content)
    except sheet.SheetUnreadable:
        error = "表格读不懂：请用从这里下载的表格，不改表头，不新增行；新增字段请在页面上添加。"
        return show_draft(request, engine, draft, error)
    _save(engine, draft, files, staff)
    return onwards(f"{BASE}/{draft.id}", "loaded")


@router.get("/{draft_id}/{name}")
def form(request: Request, staff: Officer, engine: Wired, draft_id: Opaque, name: Named) -> Response:
    return _show_form(request, engine, engine.drafting.show(draft_id), name)


@router.post("/{draft_id}/{name}/check")
def check(
    request: Request, staff: Officer, engine: Wired, typed: Typed, draft_id: Opaque, name: Named
) -> HTMLResponse:
    """What the lint says of this field as it is typed; nothing is kept."""
    draft = engine.drafting.show(draft_id)
    field = typed.one("field")
    found = _findings(engine, {**draft.files, name: _edited(draft, name, typed)})
    here = _of_field(found, name, draft, field)
    return page(request, "officer/findings.html", found=here, words=SEVERITY)


@router.post("/{draft_id}/{name}/save")
def save(staff: Officer, engine: Wired, typed: Typed, draft_id: Opaque, name: Named) -> Response:
    draft = engine.drafting.show(draft_id)
    _save(engine, draft, {**draft.files, name: _edited(draft, name, typed)}, staff)
    answer = onwards(f"{BASE}/{draft.id}/{name}", "saved")
    answer.headers["location"] += f"#field-{typed.one('field')}" if _plain(typed.one("field")) else ""
    return answer


@router.post("/{draft_id}/{name}/add")
def add(
    request: Request, staff: Officer, engine: Wired, typed: Typed, draft_id: Opaque, name: Named
) -> Response:
    draft = engine.drafting.show(draft_id)
    new = typed.one("name")
    try:
        if not _plain(new):
            raise NotEditable
        text = editing.add_field(
            _text(draft, name), new, typed.one("label"), typed.one("type"), typed.one("purpose")
        )
    except NotEditable:
        error = "没有添加：字段名用小写字母、数字和下划线，以字母开头，不能与已有字段相同。"
        return _show_form(request, engine, draft, name, error)
    _save(engine, draft, {**draft.files, name: text}, staff)
    answer = onwards(f"{BASE}/{draft.id}/{name}", "saved")
    answer.headers["location"] += f"&open={new}#field-{new}"
    return answer


@router.post("/{draft_id}/{name}/remove")
def remove(staff: Officer, engine: Wired, typed: Typed, draft_id: Opaque, name: Named) -> Response:
    draft = engine.drafting.show(draft_id)
    try:
        text = editing.drop_field(_text(draft, name), typed.one("field"))
    except NotEditable:
        raise Refused(UNREADABLE) from None
    _save(engine, draft, {**draft.files, name: text}, staff)
    return onwards(f"{BASE}/{draft.id}/{name}", "saved")


@router.get("/{draft_id}/{name}/text")
def as_text(request: Request, staff: Officer, engine: Wired, draft_id: Opaque, name: Named) -> Response:
    draft = engine.drafting.show(draft_id)
    found = [one for one in _findings(engine, draft.files) if one.file == name]
    return show(
        request,
        "draft_text",
        "policies",
        draft=draft,
        file=name,
        text=_text(draft, name),
        found=found,
        words=SEVERITY,
    )


@router.post("/{draft_id}/{name}/text")
def save_text(staff: Officer, engine: Wired, typed: Typed, draft_id: Opaque, name: Named) -> Response:
    draft = engine.drafting.show(draft_id)
    _text(draft, name)
    text = "\n".join(typed.one("text").splitlines()) + "\n"
    _save(engine, draft, {**draft.files, name: text}, staff)
    return onwards(f"{BASE}/{draft.id}/{name}/text", "saved")


def show_draft(request: Request, engine: Engine, draft: Draft, error: str = "") -> HTMLResponse:
    found = _findings(engine, draft.files)
    files = [
        (name, _title(text), [one for one in found if one.file == name]) for name, text in draft.files.items()
    ]
    errors = sum(one.severity is Severity.ERROR for one in found)
    return show(
        request,
        "draft",
        "policies",
        status=422 if error else 200,
        error=error,
        draft=draft,
        files=files,
        found=found,
        errors=errors,
        words=SEVERITY,
    )


def _show_form(request: Request, engine: Engine, draft: Draft, name: str, error: str = "") -> HTMLResponse:
    text = _text(draft, name)
    found = [one for one in _findings(engine, draft.files) if one.file == name]
    try:
        seen = editing.written(text)
    except NotEditable:
        seen = None
    if seen is None or name == sheet.SITE:
        # What a form cannot show is shown as what it is.
        return show(
            request, "draft_text", "policies", draft=draft, file=name, text=text, found=found, words=SEVERITY
        )
    placed = {field: _of_field(found, name, draft, field) for field in seen.fields}
    elsewhere = [one for one in found if not any(one in of_field for of_field in placed.values())]
    return show(
        request,
        "draft_form",
        "policies",
        status=422 if error else 200,
        error=error,
        draft=draft,
        file=name,
        seen=seen,
        placed=placed,
        elsewhere=elsewhere,
        purposes=_purposes(engine),
        roles=ROLES,
        types={one.value: said for one, said in TYPES.items()},
        levels={one.value: said for one, said in SENSITIVITY.items()},
        bases={one.value: said for one, said in BASIS.items()},
        words=SEVERITY,
        opened=request.query_params.get("open", ""),
        readers={field: _readers(values.get("read_by", "")) for field, values in seen.fields.items()},
    )


def _readers(text: str) -> dict[str, list[str]]:
    lines = (line.partition(": ") for line in text.split("\n") if line)
    return {purpose: roles.split("、") for purpose, _, roles in lines}


def _purposes(engine: Engine) -> dict[str, str]:
    return {name: said.zh for name, said in engine.active_pack().site.purposes.items()}


def _findings(engine: Engine, files: Any) -> tuple[Fault, ...]:
    return findings_in(files, engine.active_pack().site.day_of(engine.clock.now()))


def _of_field(found: Any, name: str, draft: Draft, field: str) -> list[Fault]:
    """The findings of one field: their place names it. A field without a name is the head of the category."""
    own = [one for one in found if one.file == name]
    try:
        seen = editing.written(_text(draft, name))
    except NotEditable:
        return own
    placed = [(one, one.where.split(".")[1:2]) for one in own]
    return [one for one, at in placed if at == [field] or (not field and not (at and at[0] in seen.fields))]


def _edited(draft: Draft, name: str, typed: Form) -> str:
    """The file with what the form says of one field, or of the head where it names none."""
    text, field = _text(draft, name), typed.one("field")
    try:
        if not field:
            return editing.edit_head(text, {key: typed.one(key) for key in editing.HEAD_KEYS if key in typed})
        values = {key: typed.one(key) for key in editing.FIELD_KEYS if key in typed}
        values["required"] = "true" if "required" in typed else "false"
        if "readers" in typed:
            values["read_by"] = _read_by(typed)
        return editing.edit_field(text, field, values)
    except NotEditable:
        raise Refused(UNREADABLE) from None


def _read_by(typed: Form) -> str:
    """Ticks of a table, purpose by role, as the file says them."""
    found: dict[str, list[str]] = {}
    for one in typed.all("reader"):
        purpose, _, role = one.partition("/")
        if _plain(purpose) and role in {role.value for role in Role}:
            found.setdefault(purpose, []).append(role)
    return "\n".join(f"{purpose}: {'、'.join(roles)}" for purpose, roles in found.items())


def _plain(name: str) -> bool:
    return name.isascii() and name.isidentifier() and name.islower() and len(name) <= 64


def _title(text: str) -> str:
    try:
        seen = editing.written(text)
    except NotEditable:
        return ""
    return seen.head.get("label.zh", "")


def _text(draft: Draft, name: str) -> str:
    if name not in draft.files:
        raise Refused(NOT_FOUND)
    return draft.files[name]


def _save(engine: Engine, draft: Draft, files: dict[str, str], staff: Staff) -> None:
    engine.drafting.save(draft.id, files, digest(files), staff.id)
