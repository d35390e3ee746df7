"""A jurisdiction adds to the one around it, and what it asks for reaches the site's own value."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from compliance.policies.law import laws
from compliance.policies.loader import load, shipped
from compliance.policies.overlays import applying, overlays


def test_the_six_places_are_there() -> None:
    assert set(overlays()) == {"cn", "zhejiang", "hangzhou", "shanghai", "shenzhen", "beijing"}


@pytest.mark.parametrize(
    ("chosen", "applies"),
    [
        ([], ["cn"]),
        (["hangzhou"], ["cn", "zhejiang", "hangzhou"]),
        (["hangzhou", "zhejiang", "cn"], ["cn", "zhejiang", "hangzhou"]),
        (["shanghai", "beijing"], ["cn", "shanghai", "beijing"]),
        (["atlantis"], ["cn"]),
    ],
)
def test_a_city_brings_its_province_and_the_nation(chosen: list[str], applies: list[str]) -> None:
    assert [overlay.name for overlay in applying(chosen)] == applies


@pytest.mark.parametrize("name", sorted(overlays()))
def test_whatever_an_overlay_asks_has_its_article(name: str) -> None:
    overlay = overlays()[name]
    articles = [duty.article for duty in overlay.duties] + [report.article for report in overlay.reports]
    articles += [one.article for one in (overlay.sole_way_in, overlay.complaints) if one is not None]

    assert articles
    for article in articles:
        assert laws(article)


def test_the_duties_of_the_place_reach_the_site(tmp_path: Path) -> None:
    folder = tmp_path / "pack"
    shutil.copytree(shipped("residential"), folder)
    path = folder / "site.yaml"
    text = path.read_text(encoding="utf-8").replace("jurisdictions: [cn]", "jurisdictions: [shenzhen]")
    path.write_text(text + "recordings: [{name: lobby, kind: video, keep: 30d}]\n", encoding="utf-8")

    duties = load(folder).site.duties

    assert {"signs", "evidence"} <= {duty.name for duty in duties.duties}
    assert [(one.name, one.keep.days) for one in duties.recordings] == [("lobby", 30)]
