"""What Celery is told: which task when, in which queue, and what a message may carry."""

import json

import pytest
from redis import Redis

from compliance.config import Settings
from compliance.domain.errors import ConfigurationInvalid
from compliance.tasks import AT_START, BEAT, LONGEST_TASK, QUEUES, TASKS, beat_table, make_app, wake

NOWHERE = "redis://127.0.0.1:1/0"


def test_the_beat_table_is_this() -> None:
    assert BEAT == {
        "ledger.seal": 1,
        "outbox.deliver": 10,
        "retention.sweep": 60,
        "requests.resume": 60,
        "retention.forecast": 600,
        "reports.watch_disclosures": 600,
        "requests.expire_packages": 3600,
    }


def test_every_beat_calls_a_task_that_there_is() -> None:
    assert {row["task"] for row in beat_table().values()} <= set(TASKS)
    assert set(AT_START) <= set(TASKS)


def test_every_wake_up_expires_instead_of_piling_up() -> None:
    for row in beat_table().values():
        assert row["options"]["expires"] == 2 * row["schedule"]


def test_every_task_goes_to_a_queue_that_is_read() -> None:
    app = make_app(Settings(), NOWHERE)
    for name in TASKS:
        assert app.conf.task_routes[name]["queue"] in QUEUES
    assert set(app.amqp.queues.consume_from) == set(QUEUES)


def test_a_lost_worker_gives_its_tasks_back() -> None:
    conf = make_app(Settings(), NOWHERE).conf
    assert conf.task_acks_late
    assert conf.task_reject_on_worker_lost
    assert conf.worker_prefetch_multiplier == 1
    assert conf.broker_transport_options["unacked_restore_interval"] == 10
    assert conf.broker_transport_options["visibility_timeout"] == LONGEST_TASK


def test_messages_are_json_and_results_are_not_kept() -> None:
    conf = make_app(Settings(), NOWHERE).conf
    assert (conf.task_serializer, list(conf.accept_content)) == ("json", ["json"])
    assert conf.task_ignore_result
    assert not conf.worker_redirect_stdouts


def test_a_worker_without_a_broker_is_told_so() -> None:
    with pytest.raises(ConfigurationInvalid, match="COMPLIANCE_BROKER"):
        make_app(Settings())


def test_a_message_carries_a_request_number_and_nothing_of_whose_it_is(valkey_url: str) -> None:
    broker = valkey_url.replace("/0", "/3")
    app = make_app(Settings(), broker)
    wake(app, "requests.match", "R-ABCD")
    with Redis.from_url(broker) as client:
        (message,) = client.lrange("requests", 0, -1)
        client.flushdb()
    app.close()
    assert json.loads(message)["headers"]["argsrepr"] == "('R-ABCD',)"
    assert json.loads(message)["headers"]["task"] == "requests.match"
