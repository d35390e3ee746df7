"""The officer's pages of what binds, what is due, what vouches for it, and what is in force."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from compliance.bootstrap import Engine
from tests.web.conftest import PASSWORD, SteppingClock
from tests.web.officer_house import a_visit, sent


class TestHolds:
    def test_a_hold_is_placed_seen_and_released(self, officer: httpx.Client, engine: Engine) -> None:
        fields = {
            "ground": "R8",
            "document": "示例〔2026〕9号",
            "law_ref": "刑事诉讼法 54",
            "until": "2099-01-01",
        }

        page = sent(officer, "/officer/holds", category="visitor", **fields).text

        assert "示例〔2026〕9号" in page
        (hold,) = engine.holds.standing()
        assert "已解除" in sent(officer, f"/officer/holds/{hold.id}/release").text
        assert engine.holds.standing() == []
        assert sent(officer, f"/officer/holds/{hold.id}/release").status_code == 422

    def test_a_hold_on_one_record_does_not_read_as_one_on_everything(
        self, officer: httpx.Client, engine: Engine, clock: SteppingClock
    ) -> None:
        a_visit(engine)
        with engine.books.reading() as books:
            (row,) = books.holdings.recent("main", 1)
        until = (clock.now() + timedelta(days=20)).date()
        hold = engine.holds.place(
            ground="R8",
            document="示例〔2026〕7号",
            law_ref="刑事诉讼法 54",
            until=until,
            by="staff-9",
            holding_id=row.id,
        )

        page = officer.get("/officer/holds").text
        engine.holds.release(hold, "staff-9")

        scope = page[page.index('data-head="范围"') :].partition("</td>")[0]
        assert f'一条记录<br><span class="code small">{row.id}' in scope
        assert "全部类别" not in scope

    @pytest.mark.parametrize(
        "fields",
        [
            {"ground": "R8", "document": "", "law_ref": "x", "until": "2099-01-01"},
            {"ground": "R8", "document": "x", "law_ref": "x", "until": "2020-01-01"},
            {"ground": "R8", "document": "x", "law_ref": "x", "until": "tomorrow"},
            {
                "ground": "R8b",
                "document": "x",
                "until": "2099-01-01",
                "second": "staff-1",
                "second_password": "no",
            },
            {
                "ground": "R8b",
                "document": "x",
                "until": "2099-01-01",
                "second": "staff-9",
                "second_password": PASSWORD,
            },
        ],
        ids=["no document", "past", "no date", "wrong password", "the same person"],
    )
    def test_a_hold_that_lacks_something_is_not_placed(
        self, officer: httpx.Client, engine: Engine, fields: dict[str, str]
    ) -> None:
        assert sent(officer, "/officer/holds", **fields).status_code == 422
        assert engine.holds.standing() == []

    def test_a_dispute_of_our_own_takes_two_persons(
        self, officer: httpx.Client, engine: Engine, clock: SteppingClock
    ) -> None:
        until = (clock.now() + timedelta(days=30)).date().isoformat()
        fields = {"ground": "R8b", "document": "示例纠纷", "until": until}

        answer = sent(officer, "/officer/holds", second="staff-1", second_password=PASSWORD, **fields)

        assert answer.status_code == 200
        (hold,) = engine.holds.standing()
        assert (hold.placed_by, hold.second_by) == ("staff-9", "staff-1")
        engine.holds.release(hold.id, "staff-9")


class TestRetentionAndLedger:
    def test_disposal_is_paused_with_a_reason_and_resumed(
        self, officer: httpx.Client, engine: Engine
    ) -> None:
        assert sent(officer, "/officer/retention/pause", why=" ").status_code == 422
        assert sent(officer, "/officer/retention/pause", why=" \x00").status_code == 400
        assert sent(officer, "/officer/retention/pause", why="等19400000001来电").status_code == 422

        assert "删除已暂停：演练" in sent(officer, "/officer/retention/pause", why="演练").text
        assert engine.retention.sweep().paused == "演练"
        assert "删除已恢复" in sent(officer, "/officer/retention/resume").text
        assert engine.retention.sweep().paused is None

    def test_an_excess_is_released_on_a_word(self, officer: httpx.Client) -> None:
        assert sent(officer, "/officer/retention/excess", why="").status_code == 422
        assert "已放行" in sent(officer, "/officer/retention/excess", why="核对过").text

    def test_the_ledger_is_verified_against_a_head_kept_outside(
        self, officer: httpx.Client, engine: Engine
    ) -> None:
        head = engine.sealing.current_head()
        assert head is not None
        a_visit(engine)

        alone = sent(officer, "/officer/ledger/verify")
        compared = sent(officer, "/officer/ledger/verify", outside=head.note.replace("\n", "\r\n"))
        altered = sent(officer, "/officer/ledger/verify", outside=head.note.replace("time 2", "time 3"))

        assert "只说明账本自身一致" in alone.text
        assert "与您保存在外的签名头一致" in compared.text
        assert altered.status_code == 409
        assert "核验没有通过" in altered.text


class TestPolicies:
    def test_every_category_can_be_read_and_an_unknown_one_is_not_found(
        self, officer: httpx.Client, engine: Engine
    ) -> None:
        pack = engine.active_pack()

        page = officer.get("/officer/policies").text
        assert "我们不登记身份证号" in page
        for category, policy in pack.categories.items():
            assert f"/officer/policies/{category}" in page
            own = officer.get(f"/officer/policies/{category}").text
            assert all(rule.label.zh in own for rule in policy.fields.values())
        assert officer.get("/officer/policies/nobody").status_code == 404
