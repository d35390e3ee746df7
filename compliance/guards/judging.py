"""What is done with a request of a guarded route, in no framework's terms; the two middlewares only read and send.

Nothing that the policy does not admit gets past here: the application receives a body written anew from the members
that were admitted, in the form in which the policy keeps them, or none of them and the receipt.
"""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from compliance.bootstrap import Engine
from compliance.domain.collection import Admitted
from compliance.domain.errors import CollectionRefused, ComplianceError, GateClosed
from compliance.domain.formats import from_text
from compliance.domain.policy import Pack
from compliance.domain.reasons import Reason, reason
from compliance.domain.submission import LARGEST_BYTES, Defaults
from compliance.domain.vocabulary import Channel, ReasonCode
from compliance.guards.answers import Answer, fault, refusal, unknown_kind
from compliance.guards.bodies import (
    JSON,
    Members,
    UnknownKind,
    Unreadable,
    form_pairs,
    kind_of,
    members_of,
    written,
)
from compliance.guards.route import EVIDENCE, GuardedRoute, Keep
from compliance.policies.instruments import INSTRUMENTS
from compliance.ports import Caller, Receipt

log = logging.getLogger(__name__)
LARGEST_BODY: Final = LARGEST_BYTES
#: Where the application finds the receipt and what was stripped: in the ASGI scope and in the WSGI environ.
RECEIPT, STRIPPED = "compliance.receipt", "compliance.stripped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A request as far as it is judged. Header names are in lower case."""

    paths: tuple[str, ...]
    query: bytes = b""
    headers: Mapping[str, str]
    body: bytes | None = field(repr=False)  # None where it is larger than what is read

    @property
    def as_html(self) -> bool:
        accepted = self.headers.get("accept", "").lower()
        return "text/html" in accepted and JSON not in accepted.partition("text/html")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class LetThrough:
    """What the application gets instead of what was sent."""

    body: bytes = field(repr=False)
    content_type: str
    receipt: Receipt | None = None
    stripped: tuple[Reason, ...] = ()


class Judge:
    """The gate, as routes ask it."""

    def __init__(self, engine: Engine, routes: Sequence[GuardedRoute]) -> None:
        self._engine, self._routes = engine, tuple(routes)

    def route_of(
        self, method: str, paths: tuple[str, ...], headers: Mapping[str, str]
    ) -> GuardedRoute | None:
        return next((route for route in self._routes if route.matches(method, paths, headers)), None)

    def judge(self, route: GuardedRoute, sent: Sent) -> LetThrough | Answer:
        """Never raises for what somebody sent; the application's own errors are not met here."""
        try:
            return self._judge(route, sent)
        except CollectionRefused as refused:
            return refusal(refused.reasons, as_html=sent.as_html)
        except Unreadable as unreadable:
            return refusal(unreadable.reasons, as_html=sent.as_html)
        except UnknownKind:
            return unknown_kind(as_html=sent.as_html)
        except ComplianceError as error:
            return fault(error, as_html=sent.as_html)
        except Exception as crash:  # noqa: BLE001  what cannot be judged is not let through
            # By kind and place alone: the message of a crash may quote what it choked on.
            place = traceback.extract_tb(crash.__traceback__)[-1]
            log.error("guarded route failed: %s, %s:%s", type(crash).__name__, place.filename, place.lineno)  # noqa: TRY400
            return fault(GateClosed(), as_html=sent.as_html)

    def _judge(self, route: GuardedRoute, sent: Sent) -> LetThrough | Answer:
        if sent.body is None:
            raise Unreadable(reason(ReasonCode.TOO_LARGE))
        if sent.headers.get("content-encoding", "identity").strip().lower() != "identity":
            raise UnknownKind  # what unpacks to gigabytes is not unpacked
        kind = sent.headers.get("content-type", "")
        members = members_of(sent.body, kind, {*route.fields, *route.passed, *EVIDENCE})
        pack = self._pack()
        passed = {name: members.pop(name) for name in route.passed if name in members}
        raw = self._submission(route, sent, members, pack)
        faults = [
            *_identifiers(passed),
            *_beside(route, sent),
            *_undeclared(route, members, pack),
            *_out_of_reach(route, raw),
        ]
        defaults = Defaults(category=route.category, channel=Channel(route.channel).value)
        if Keep(route.keep) is Keep.GATE and not faults:
            try:
                receipt = self._engine.gate.write(raw, _caller(route), defaults)
            except CollectionRefused as refused:
                raise CollectionRefused(_renamed(route, refused.reasons)) from None
            body, content_type = written(passed, kind)
            return LetThrough(
                body=body,
                content_type=content_type,
                receipt=receipt,
                stripped=_renamed(route, receipt.stripped),
            )
        verdict = self._engine.gate.check(
            raw,
            pack,
            Defaults(category=route.category, channel=defaults.channel, site=pack.site.name),
            take_as_given=route.take_as_given,
        )
        if faults or not isinstance(verdict, Admitted):
            found = () if isinstance(verdict, Admitted) else verdict.reasons
            raise CollectionRefused((*faults, *_renamed(route, found)))
        body, content_type = written(passed | _kept(route, members, verdict), kind)
        return LetThrough(body=body, content_type=content_type, stripped=_renamed(route, verdict.stripped))

    def _pack(self) -> Pack:
        with self._engine.books.reading() as books:
            return self._engine.policies.active(books, self._engine.clock.now())

    def _submission(self, route: GuardedRoute, sent: Sent, members: Members, pack: Pack) -> dict[str, object]:
        """The same submission as at every other door. What is not mapped keeps its name, and the gate refuses it."""
        now = self._engine.clock.now().astimezone(pack.site.timezone)
        policy = pack.categories.get(route.category)
        typed = bool(sent.headers.get("content-type")) and kind_of(sent.headers["content-type"]) != JSON
        fields: dict[str, object] = {}
        said: dict[str, object] = {}
        for name, value in members.items():
            if name in EVIDENCE and name not in route.fields:
                said[name] = value
                continue
            called = route.fields.get(name, name)
            rule = policy.fields.get(called) if policy else None
            text = typed and rule is not None and isinstance(value, str)
            fields[called] = (
                from_text(rule, value, now) if text and rule and isinstance(value, str) else value
            )
        raw: dict[str, object] = {**_evidence(said), "fields": fields}
        if route.posted:
            raw["notice"] = {"mode": "posted"}
        if key := sent.headers.get("idempotency-key"):
            raw["key"] = key
        return raw


def _undeclared(route: GuardedRoute, members: Members, pack: Pack) -> list[Reason]:
    """Members that nobody mapped and that would pass for a field, because that is what they are called."""
    policy = pack.categories.get(route.category)
    known = policy.fields if policy else {}
    return [
        reason(ReasonCode.OVER_COLLECTION, name)
        for name in members
        if name in known and name not in route.fields and name not in EVIDENCE
    ]


def _out_of_reach(route: GuardedRoute, raw: Mapping[str, object]) -> list[Reason]:
    """A pass where the application keeps the record: nothing would tie the two, so a withdrawal could not reach it."""
    kept_by_app = Keep(route.keep) is Keep.APP and "pass" in raw
    return [reason(ReasonCode.NO_CONSENT, "pass", say=_OUT_OF_REACH)] if kept_by_app else []


_OUT_OF_REACH = (
    "这里的登记由贵方系统保存，撤回同意时清不到，不能凭通行码取得同意；请当面征得同意。",
    "Your system keeps these records, so taking consent back would not reach them: ask the person instead of the pass.",
)


def _renamed(route: GuardedRoute, reasons: Sequence[Reason]) -> tuple[Reason, ...]:
    """The reasons under the names that the application's own form has for the fields."""
    own = {called: name for name, called in route.fields.items()}
    return tuple(replace(one, field=own.get(one.field or "", one.field)) for one in reasons)


def _evidence(said: Mapping[str, object]) -> dict[str, object]:
    """Notice and consent as every door takes them; a form says them with controls: `notice_id`, `read_out_by`, and the
    act of consenting (tap, sign, spoken) as the value of `consent`.
    """
    words = ("notice", "declined", "collected_at", "consent", "key", "pass")
    raw = {name: said[name] for name in words if name in said}
    if said.get("notice_id"):
        raw["notice"] = {"mode": "screen", "id": said["notice_id"]}
    if said.get("read_out_by"):
        raw["notice"] = {"mode": "oral", "by": said["read_out_by"]}
    if raw.get("pass") == "":
        del raw["pass"]  # a control that was left empty: nobody showed a pass
    act = raw.get("consent")
    if act == "":
        del raw["consent"]
    elif isinstance(act, str):
        raw["consent"] = [{"kind": "plain", "by": "self", "act": act}]
    return raw


def _identifiers(passed: Mapping[str, object]) -> list[Reason]:
    """What goes on unmapped is no way round the gate: an identifier in it is a fault."""
    return [reason(ReasonCode.IDENTIFIER_IN_TEXT, name) for name, value in passed.items() if _found(value)]


def _found(value: object) -> bool:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return any(one.certainty == "certain" for one in INSTRUMENTS.scan(text))


def _beside(route: GuardedRoute, sent: Sent) -> list[Reason]:
    """Faults of the address: it is logged everywhere, so nothing of a person belongs there."""
    faults = []
    for name, value in form_pairs(sent.query):
        if name not in route.passed:
            faults.append(reason(ReasonCode.OVER_COLLECTION, name))
        elif _found(value):
            faults.append(reason(ReasonCode.IDENTIFIER_IN_TEXT, name))
    if any(map(_found, sent.paths)):
        faults.append(reason(ReasonCode.IDENTIFIER_IN_TEXT, "path"))
    return faults


def _kept(route: GuardedRoute, members: Members, admitted: Admitted) -> Members:
    """What the policy lets the application keep, under the application's names and in the policy's form."""
    content = {name: value for part in admitted.parts for name, value in part.content.items()}
    return {name: content[f] for name, f in route.fields.items() if name in members and f in content}


def _caller(route: GuardedRoute) -> Caller:
    return Caller(id=route.caller, categories=(route.category,), channels=(Channel(route.channel),))
