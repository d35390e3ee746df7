"""Celery: the application, its beat table, and the tasks by name.

Messages are wake-up calls. They carry ids only, may be lost, repeated or reordered, and nothing legal has a time-out
here: the obligation is a row in our own database, which beat makes somebody look at again and again.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from celery import Celery
from celery.exceptions import CPendingDeprecationWarning
from celery.signals import worker_process_shutdown, worker_shutdown

from compliance.config import Settings
from compliance.domain.errors import ComplianceError, ConfigurationInvalid
from compliance.tasks import disclosures, ledger, outbox, requests, retention
from compliance.tasks.engine import let_go

TASKS: Final[dict[str, Callable[..., dict[str, int]]]] = {
    "ledger.seal": ledger.seal,
    "retention.sweep": retention.sweep,
    "retention.forecast": retention.forecast,
    "requests.match": requests.match,
    "requests.resume": requests.resume,
    "requests.expire_packages": requests.expire_packages,
    "outbox.deliver": outbox.deliver,
    "reports.watch_disclosures": disclosures.watch,
}

#: Task → seconds between two looks. The forecast is made once a day, however often it is asked for: asked every ten
#: minutes it is there soon after the site's midnight, whatever zone the site is in.
BEAT: Final[dict[str, int]] = {
    "ledger.seal": 1,
    "outbox.deliver": 10,
    "retention.sweep": 60,
    "requests.resume": 60,
    "retention.forecast": 600,
    "reports.watch_disclosures": 600,
    "requests.expire_packages": 3600,
}
#: What a start asks for at once instead of waiting for the first beat: the time it was down is to be made up for.
AT_START: Final = ("retention.forecast", "retention.sweep", "requests.resume")

QUEUES: Final = ("ledger", "retention", "requests", "reports", "outbox")
#: Seconds after which Redis hands an unacknowledged task to somebody else; above the longest task there is.
LONGEST_TASK: Final = int(timedelta(minutes=30).total_seconds())


def make_app(settings: Settings, broker: str = "") -> Celery:
    """The Celery application on this broker; raises ConfigurationInvalid where neither it nor the settings name one."""
    url = broker or settings.broker
    if not url:
        raise ConfigurationInvalid(
            "COMPLIANCE_BROKER is not set. 未设置 COMPLIANCE_BROKER（`compliance up` 自带，不需要设置）。"
        )
    # Cancelling what runs when the broker goes would only make the next beat do it again: the claim is in the database.
    warnings.filterwarnings("ignore", "\nIn Celery 5.1 we introduced", CPendingDeprecationWarning)
    app = Celery("compliance", broker=url, set_as_current=False)
    app.conf.update(
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_ignore_result=True,
        task_store_errors_even_if_ignored=False,
        task_serializer="json",
        accept_content=["json"],
        task_default_queue="ledger",
        task_queues={name: {"exchange": "tasks", "routing_key": name} for name in QUEUES},
        task_routes={name: {"queue": name.partition(".")[0]} for name in TASKS},
        task_create_missing_queues=False,  # a queue that nobody reads would swallow its calls in silence
        worker_prefetch_multiplier=1,
        worker_redirect_stdouts=False,
        worker_hijack_root_logger=False,
        worker_send_task_events=False,
        worker_soft_shutdown_timeout=10.0,
        worker_enable_soft_shutdown_on_idle=False,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        broker_connection_retry_on_startup=True,
        broker_transport_options=transport_options(),
        beat_schedule=beat_table(),
        beat_scheduler="celery.beat:Scheduler",  # remembers nothing: no file, and no run missed that the books know
        timezone="UTC",
    )
    for name, function in TASKS.items():
        # Our own refusals (no policy yet, disposal paused, a key lost) are answers and stand in the report: the log
        # need not show them as crashes every minute.
        app.task(name=name, throws=(ComplianceError,))(function)
    return app


def transport_options() -> dict[str, Any]:
    """Kombu's own sweep for lost tasks would add a hundred seconds to the visibility timeout."""
    return {
        "visibility_timeout": LONGEST_TASK,
        "unacked_restore_interval": 10,
        "unacked_restore_throttle": 1,
        "socket_keepalive": True,
    }


def beat_table() -> dict[str, dict[str, Any]]:
    """Each wake-up expires after two intervals: a broker that was down must not answer with an hour of them."""
    return {
        name: {"task": name, "schedule": float(seconds), "options": {"expires": 2 * seconds}}
        for name, seconds in BEAT.items()
    }


def beat_thread(app: Celery) -> Any:
    """The beat as a thread of this process, not yet started.

    Celery's embedded beat does not look at `beat_scheduler`: unless it is told, it keeps a file in the working folder,
    which a second beat or a kill leaves half-written, and which then ends the next beat as it starts.
    """
    from celery.beat import EmbeddedService

    return EmbeddedService(app, thread=True, scheduler_cls=app.conf.beat_scheduler)


def wake(app: Celery, name: str, *ids: str) -> None:
    """Send one wake-up call, after the act that it belongs to is committed. Raises kombu's errors without a broker."""
    app.send_task(name, args=ids)


worker_process_shutdown.connect(let_go)
worker_shutdown.connect(let_go)
