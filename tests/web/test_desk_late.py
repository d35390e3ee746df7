"""What a tablet sends later, as the server sees it: whose it was and when, once, and never a day old."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from compliance.bootstrap import Engine
from compliance.domain.vocabulary import Channel, Role
from compliance.services.reading import Actor
from compliance.web.desk_offline import LOADED
from tests.web.conftest import PASSWORD, SteppingClock, logged_in
from tests.web.test_desk import VISITOR, a_form, send

OFFICER = Actor(id="staff-9", role=Role.OFFICER)
BY_SCRIPT = {"accept": "application/json"}


def a_late_form(client: httpx.Client, key: str, at: datetime, **changed: str) -> dict[str, str]:
    shift = client.get("/desk/shift").json()
    form = {**a_form(client), "_act": "spoken", "_key": key, "_at": at.isoformat(), "_shift": shift["ticket"]}
    return {**form, **VISITOR, **changed}


def post(client: httpx.Client, form: dict[str, str]) -> httpx.Response:
    return client.post("/desk/new/visitor", data=form, headers=BY_SCRIPT)


def reasons(answer: httpx.Response) -> list[Any]:
    assert answer.status_code == 422, answer.text
    return [one["code"] for one in answer.json()["reasons"]]


@pytest.fixture
def an_hour_later(guard: httpx.Client, clock: SteppingClock) -> datetime:
    """A moment in the guard's shift, an hour ago."""
    began = clock.now()
    clock.ahead += timedelta(hours=1)
    return began + timedelta(minutes=10)


def newest(engine: Engine) -> str:
    with engine.books.reading() as books:
        (row,) = books.holdings.recent("main", 1, ["visitor"])
    return row.id


def test_a_late_registration_keeps_its_moment_and_its_guard_whoever_sends_it(
    guard: httpx.Client, address: str, engine: Engine, an_hour_later: datetime
) -> None:
    form = a_late_form(guard, "late-1", an_hour_later)
    with logged_in(address, "staff-9") as other:
        answer = post(other, {**form, "csrftoken": a_form(other)["csrftoken"]})

    assert answer.status_code == 201
    assert set(answer.json()) == {"pass_code", "erase_on", "replayed", "stripped"}
    record = newest(engine)
    came = str(engine.reader.read(record, "entry_security", OFFICER).fields["entry_time"])
    assert datetime.fromisoformat(came).replace(second=0) == an_hour_later.replace(second=0, microsecond=0)
    with engine.books.reading() as books:
        (evidence,) = books.consents.of_holding(record)
    assert evidence.notice == "oral:staff-7"


def test_sending_twice_stores_once_and_gives_the_same_code(
    guard: httpx.Client, engine: Engine, an_hour_later: datetime
) -> None:
    form = a_late_form(guard, "late-2", an_hour_later)

    first, again = post(guard, form).json(), post(guard, form).json()

    assert first["pass_code"] == again["pass_code"]
    assert (first["replayed"], again["replayed"]) == (False, True)


def test_after_a_day_it_is_refused(guard: httpx.Client, clock: SteppingClock) -> None:
    at = clock.now() - timedelta(hours=24, minutes=11)

    answer = post(guard, a_late_form(guard, "late-3", at))

    assert reasons(answer) == ["already_expired"]
    assert "超过24小时没有送达" in answer.text.encode().decode("unicode_escape")


@pytest.mark.parametrize("ticket", ["", "made-up", "another"])
def test_nobody_can_date_a_registration_back_without_the_shift_that_it_was_in(
    guard: httpx.Client, an_hour_later: datetime, ticket: str
) -> None:
    cookie = guard.cookies["session"]  # a login is not a shift: the two are signed apart
    form = a_late_form(guard, "late-4", an_hour_later) | {"_shift": cookie if ticket == "another" else ticket}

    assert reasons(post(guard, form)) == ["no_notice"]


def test_a_moment_before_or_after_the_shift_is_nobodys(guard: httpx.Client, clock: SteppingClock) -> None:
    before = a_late_form(guard, "late-5", clock.now() - timedelta(hours=2))
    assert reasons(post(guard, before)) == ["no_notice"]
    ahead = a_late_form(guard, "late-6", clock.now() + timedelta(minutes=6))
    assert reasons(post(guard, ahead)) == ["bad_format"]
    nonsense = {**before, "_at": "yesterday"}
    assert reasons(post(guard, nonsense)) == ["bad_format"]


def test_who_has_another_password_since_vouches_for_nothing(
    guard: httpx.Client, address: str, engine: Engine, an_hour_later: datetime
) -> None:
    engine.access.add_staff("staff-5", Role.GUARD, PASSWORD)
    with logged_in(address, "staff-5") as gone:
        form = a_late_form(gone, "late-7", engine.clock.now())
    engine.access.add_staff("staff-5", Role.GUARD, PASSWORD + "2")

    assert reasons(post(guard, {**form, "csrftoken": a_form(guard)["csrftoken"]})) == ["no_notice"]


def test_what_is_refused_late_is_refused_with_the_same_sentence(
    guard: httpx.Client, an_hour_later: datetime
) -> None:
    answer = post(guard, a_late_form(guard, "late-8", an_hour_later, id_number="100000199001010011"))

    (said,) = answer.json()["reasons"]
    assert (said["code"], said["field"]) == ("over_collection", "id_number")
    assert said["zh"] == "我们不登记身份证号，请删去这一项，其他照常登记。"
    assert "100000199001010011" not in answer.text


def test_a_notice_of_an_earlier_version_was_read_for_nothing(guard: httpx.Client) -> None:
    answer = send(guard, **VISITOR, _version="999")

    assert answer.status_code == 422
    assert "登记规则已变更，请重新出示告知并取得同意。" in answer.text
    assert 'name="_version" value="999"' not in answer.text


class TestWhatATabletKeeps:
    def test_a_shell_knows_nobody(self, guard: httpx.Client) -> None:
        shift = guard.get("/desk/shift").json()
        for path in shift["keep"]:
            kept = guard.get(path)
            assert kept.status_code == 200
            assert not [one for one in ("staff-7", shift["ticket"], shift["csrf"]) if one in kept.text]
        assert 'name="_key" value=""' in guard.get("/desk/shell/visitor").text

    def test_every_form_of_the_desk_is_kept_and_all_that_it_loads(
        self, guard: httpx.Client, engine: Engine
    ) -> None:
        keep = guard.get("/desk/shift").json()["keep"]
        pack = engine.active_pack()
        offered = {name for name, policy in pack.categories.items() if Channel.DESK in policy.channels}
        assert {path.removeprefix("/desk/shell/") for path in keep if "/shell/" in path} == offered
        page = guard.get("/desk/shell/visitor").text
        assert {path for path in LOADED if path in page} == set(LOADED)
        assert page.count("<script") + page.count('rel="stylesheet"') == len(LOADED)

    def test_nobody_without_a_login_learns_of_a_shift(self, anybody: httpx.Client) -> None:
        for path in ("/desk/shift", "/desk/shell/visitor", "/desk/away"):
            assert anybody.get(path).headers["location"] == "/login"

    def test_the_worker_answers_for_the_desk_alone(self, anybody: httpx.Client) -> None:
        answer = anybody.get("/desk/worker.js")

        assert answer.headers["service-worker-allowed"] == "/desk"
        assert answer.headers["content-type"].startswith("text/javascript")
