"""The page for the officer and the notice for those it concerns say every change, and nothing alive."""

from dataclasses import replace
from typing import Any

import pytest

from compliance.domain.difference import compare
from compliance.domain.policy import Pack, Text
from compliance.domain.schedule import Period
from compliance.notices.difference import change_slots, difference_html
from compliance.notices.renderer import render
from tests.builders import a_pack, a_pack_with

HOSTILE = "<script>alert(1)</script> {{ 7*7 }}"


def kept_for(keep: str, **site: Any) -> Pack:
    fields = {
        name: replace(rule, retention=replace(rule.retention, keep=Period.parse(keep)))
        for name, rule in a_pack().categories["visitor"].fields.items()
    }
    return a_pack_with("visitor", fields=fields, site=site)


def notice(new: Pack, lang: str, form: Any) -> bytes:
    slots = change_slots(
        new,
        "visitor",
        compare(a_pack(), new),
        lang=lang,
        effective_on="2026-04-01",
        now_day="2026-03-01",
    )
    return render("change", lang=lang, slots=slots, form=form)


@pytest.mark.parametrize("form", ["html", "txt", "pdf"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_notice_renders(lang: str, form: str) -> None:
    assert notice(kept_for("7d"), lang, form)


def test_a_notice_names_the_change_and_its_day() -> None:
    text = notice(kept_for("7d"), "zh", "txt").decode()

    assert "保存期限由30天缩短为7天" in text
    assert "2026-04-01" in text
    assert "重新征得您的同意" not in text


def test_what_widens_is_asked_again() -> None:
    assert "重新征得您的同意" in notice(kept_for("60d"), "zh", "txt").decode()


def test_the_page_has_every_change_and_wants_a_second_signature_for_what_widens() -> None:
    new = kept_for("60d")
    difference = compare(a_pack(), new)
    page = difference_html(a_pack(), new, difference, ("1", "new")).decode()

    assert all(change.zh in page and change.en in page for change in difference.changes)
    assert "共同确认人" in page


def test_nothing_in_a_policy_comes_alive_on_the_page() -> None:
    new = kept_for("7d", label=Text(zh=HOSTILE, en=HOSTILE))
    page = difference_html(a_pack(), new, compare(a_pack(), new), (HOSTILE, HOSTILE)).decode()

    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page
