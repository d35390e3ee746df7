"""What watches us: health for a load balancer, counts for Prometheus. Both are counts only, of nobody in particular."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, get_args

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from compliance.bootstrap import Engine
from compliance.detectors import DETECTORS, Certainty
from compliance.domain.errors import GateClosed
from compliance.domain.modes import mode_at
from compliance.domain.reasons import Reason
from compliance.domain.vocabulary import Mode, PartState
from compliance.ports import Outcome, Receipt
from compliance.services.sealing import ALARM_AFTER, CLOSE_AFTER
from compliance.web.session import engine_of

router = APIRouter(tags=["operation"])
# Parts under a hold are counted by reading them all: no more often than this many seconds, whoever asks how often.
COUNTED_EVERY = 300.0
# A sweep comes every few minutes; what is still there an hour after its end is late.
LATE_AFTER = 3600
ALWAYS = "9999"  # after every ISO day


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """How things stand: seconds of ledger lag, parts that are late, and how late the oldest is."""

    ready: bool
    lag: int
    overdue: int
    oldest: int
    mode: Mode | None = None
    emergencies: int = 0

    @property
    def ok(self) -> bool:
        return self.ready and self.lag < CLOSE_AFTER


class Metrics:
    """Counters and gauges of one application, in a registry of its own."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._held_at = float("-inf")
        self.registry = CollectorRegistry()
        self._admitted = Counter(
            "compliance_admitted", "Records admitted here, by category", ["category"], registry=self.registry
        )
        self._stripped = Counter(
            "compliance_stripped", "Records of which a field was dropped", registry=self.registry
        )
        self._observed = Counter(
            "compliance_observed",
            "Faults let through by a site that observes, by code",
            ["code"],
            registry=self.registry,
        )
        self._mode = Gauge(
            "compliance_mode", "1 for the mode that holds now", ["mode"], registry=self.registry
        )
        self._emergency = Gauge(
            "compliance_emergency_open", "Emergencies that are open now", registry=self.registry
        )
        self._refused = Counter(
            "compliance_refused", "Reasons of refusals here, by code", ["code"], registry=self.registry
        )
        self._lag = Gauge(
            "compliance_ledger_lag_seconds",
            "Age of the oldest entry under no signed head",
            registry=self.registry,
        )
        self._oldest = Gauge(
            "compliance_oldest_overdue_seconds",
            "How long the oldest part is past its end",
            registry=self.registry,
        )
        self._overdue = Gauge(
            "compliance_overdue_parts", "Parts past their end by an hour", registry=self.registry
        )
        self._detections = Gauge(
            "compliance_detections",
            "How often each detector ever spoke, by kind and certainty; 0 for one that never has",
            ["kind", "certainty"],
            registry=self.registry,
        )
        self._held = Gauge(
            "compliance_held_parts", "Parts only stored, by a hold or a dispute", registry=self.registry
        )

    def admitted(self, receipt: Receipt) -> None:
        if not receipt.replayed:
            self._admitted.labels(receipt.category).inc()
            if receipt.stripped:
                self._stripped.inc()
            for one in receipt.observed:
                self._observed.labels(one.code.value).inc()

    def refused(self, reasons: tuple[Reason, ...]) -> None:
        for one in reasons:
            self._refused.labels(one.code.value).inc()

    def counted(self, outcomes: Sequence[Outcome]) -> None:
        """A batch at once: looking a counter up by its label costs as much as judging a line."""
        fresh = [one.receipt for one in outcomes if one.receipt is not None and not one.receipt.replayed]
        for category, number in Tally(receipt.category for receipt in fresh).items():
            self._admitted.labels(category).inc(number)
        self._stripped.inc(sum(bool(receipt.stripped) for receipt in fresh))
        for code, number in Tally(one.code for receipt in fresh for one in receipt.observed).items():
            self._observed.labels(code.value).inc(number)
        for code, number in Tally(reason.code for one in outcomes for reason in one.reasons).items():
            self._refused.labels(code.value).inc(number)

    def text(self) -> bytes:
        state = state_of(self._engine)
        self._lag.set(state.lag)
        self._oldest.set(state.oldest)
        self._overdue.set(state.overdue)
        self._emergency.set(state.emergencies)
        for mode in Mode:
            self._mode.labels(mode.value).set(int(state.mode is mode))
        if self._engine.clock.monotonic() - self._held_at >= COUNTED_EVERY:
            self._held_at = self._engine.clock.monotonic()
            with self._engine.books.reading() as books:
                self._held.set(books.holdings.count_in(PartState.RESTRICTED.value))
                spoke = books.reports.detected("", ALWAYS)
            self._count_detections(spoke)
        return generate_latest(self.registry)

    def _count_detections(self, spoke: list[tuple[str, str, str, int]]) -> None:
        sums: Tally[tuple[str, str]] = Tally()
        for kind, certainty, _, n in spoke:
            sums[kind, certainty] += n
        for detector in DETECTORS:
            for certainty in get_args(Certainty):
                self._detections.labels(detector.kind, certainty).set(sums[detector.kind, certainty])


def metrics_of(request: Request) -> Metrics:
    metrics: Metrics = request.app.state.metrics
    return metrics


def state_of(engine: Engine) -> State:
    now = int(engine.clock.now().timestamp())
    with engine.books.reading() as books:
        pending = books.ledger.oldest_pending()
        late = books.reports.overdue(now - LATE_AFTER)
        due = books.reports.overdue(now)
        emergencies = len(books.emergencies.open_at(now))
        try:
            site = engine.policies.active(books, engine.clock.now()).site
            ready, mode = True, mode_at(site, engine.clock.now())
        except GateClosed:
            ready, mode = False, None
    return State(
        ready=ready,
        mode=mode,
        emergencies=emergencies,
        lag=max(0, now - pending) if pending is not None else 0,
        overdue=sum(n for _, _, n, _ in late),
        oldest=max((now - oldest for _, _, _, oldest in due), default=0),
    )


@router.get("/v1/health")
def health(engine: Annotated[Engine, Depends(engine_of)]) -> JSONResponse:
    """200 while records can be written, 503 while the gate is closed; the alarms are in the body."""
    state = state_of(engine)
    said = {
        "ok": state.ok,
        "policy": state.ready,
        "mode": state.mode.value if state.mode else None,
        "ledger_lag_seconds": state.lag,
        "ledger_alarm": state.lag > ALARM_AFTER,
        "overdue": state.overdue,
        "oldest_overdue_seconds": state.oldest,
    }
    return JSONResponse(said, 200 if state.ok else 503)


@router.get("/metrics", include_in_schema=False)
def metrics(metrics: Annotated[Metrics, Depends(metrics_of)]) -> Response:
    return Response(metrics.text(), headers={"content-type": CONTENT_TYPE_LATEST})
