"""The letters as the requests themselves fill them in: every outcome has a sheet that prints."""

from datetime import date

import pytest

from compliance.domain.request import Ground, Refusal, Stated
from compliance.notices.moments import KNOWN
from compliance.notices.renderer import render, site_slots
from compliance.policies.loader import load, shipped
from compliance.ports import Capabilities, HoldingRow, RequestRow
from compliance.services.letters import deletion_facts, letter_slots, receipt_slots, refusal_facts

PACK = load(shipped("residential"), version=3)
DAY = date(2026, 11, 23)
VAULT = Capabilities(sealing=True, ours=True)
ARCHIVE = Capabilities(sealing=True, ours=False, erases=False, residue={"tape": "P90D"})
HOLDING = HoldingRow(1, "2611-abcdefghijklmnopqrst", "main", "vault", "visitor", 3, None, None)


def a_request(letter: str = "", way: str = "pass") -> RequestRow:
    return RequestRow(
        number="Q-7K3M",
        kind="deletion",
        site="main",
        way=way,
        received_at=0,
        received_on="2026-11-20",
        state="closed",
        moved_at=0,
        house_due="2026-11-25",
        legal_due="2026-12-11",
        provisional=True,
        sealed=None,
        access=None,
        code=None,
        code_until=0,
        tries=0,
        codes=0,
        letter=letter,
    )


def printed(slots: dict[str, object], lang: str) -> str:
    filled = site_slots(PACK.site, lang=lang) | {"verifier_fingerprint": "1a2b 3c4d"} | slots
    known = {name: value for name, value in filled.items() if name in KNOWN}
    return render(str(slots["moment"]), lang=lang, slots=known, form="txt").decode()


@pytest.mark.parametrize("way", ["pass", "mobile"])
def test_a_receipt_prints_both_deadlines_and_what_they_rest_on(way: str) -> None:
    page = printed(receipt_slots(a_request(way=way)), "zh")
    assert "2026-11-25（本单位目标），最迟2026-12-11" in page
    assert "放假安排尚未公布" in page


def test_a_deletion_prints_its_count_and_the_last_day_of_a_backup() -> None:
    facts = deletion_facts(PACK, DAY, [HOLDING], None, ["A" * 20], {"vault": VAULT})
    page = printed(letter_slots(a_request(facts), PACK), "zh")
    assert "2026-11-23已删除您的登记记录1条；备份最迟2026-12-23清除。" in page
    assert HOLDING.id not in page


def test_a_deletion_by_key_says_that_it_was_and_gives_the_last_day_of_any_copy() -> None:
    stores = {"vault": VAULT, "archive": ARCHIVE}
    erased = [HOLDING, HOLDING._replace(no=2, store="archive")]
    facts = deletion_facts(PACK, DAY, erased, None, ["A" * 20], stores)
    page = printed(letter_slots(a_request(facts), PACK), "zh")
    assert "登记记录2条；备份最迟2027-02-21清除。" in page
    assert "其中1条存放在不能单独删除的存储中：密钥已销毁，留下的密文无法再打开" in page
    english = printed(letter_slots(a_request(facts), PACK, "en"), "en")
    assert "their keys are destroyed" in english
    only_ours = deletion_facts(PACK, DAY, [HOLDING], None, ["A" * 20], stores)
    assert "密钥" not in printed(letter_slots(a_request(only_ours), PACK), "zh")


def test_a_deletion_that_found_nothing_says_so() -> None:
    facts = deletion_facts(PACK, DAY, [], None, [], {})
    assert "没有可删除的登记记录" in printed(letter_slots(a_request(facts), PACK), "zh")
    assert "hold no record" in printed(letter_slots(a_request(facts), PACK, "en"), "en")


def test_a_refusal_prints_its_reasons_with_their_law() -> None:
    reasons = (Stated(ground=Ground.IDENTITY_NOT_PROVEN),)
    page = printed(letter_slots(a_request(refusal_facts(DAY, Refusal(reasons=reasons))), PACK), "zh")
    assert Ground.IDENTITY_NOT_PROVEN.text.zh in page
    assert Ground.IDENTITY_NOT_PROVEN.article in page
    assert "向人民法院提起诉讼" in page
