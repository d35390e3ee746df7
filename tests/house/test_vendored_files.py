"""What we ship but did not write is exactly what its authors published."""

import hashlib
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

PACKAGE = Path(__file__).parents[2] / "compliance"
FONTS = PACKAGE / "notices" / "fonts"
ASSETS = PACKAGE / "web" / "static"
VENDORED = {"htmx.min.js", "pico.min.css", "swagger-ui-bundle.js", "swagger-ui.css"}


def manifest(folder: Path) -> dict[str, str]:
    lines = (folder / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    return {name: digest for digest, name in (line.split() for line in lines)}


@pytest.mark.parametrize("folder", [FONTS, ASSETS], ids=["fonts", "assets"])
def test_every_vendored_file_has_the_digest_of_its_manifest(folder: Path) -> None:
    found = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in manifest(folder)}

    assert found == manifest(folder)


def test_every_vendored_asset_and_font_is_in_a_manifest() -> None:
    assert set(manifest(ASSETS)) == VENDORED
    assert set(manifest(FONTS)) == {path.name for path in FONTS.glob("*.ttf")}


def test_every_vendored_file_has_its_licence_beside_it() -> None:
    assert "SIL OPEN FONT LICENSE Version 1.1" in (FONTS / "OFL.txt").read_text(encoding="utf-8")
    table = (ASSETS / "README.md").read_text(encoding="utf-8")
    assert all(f"`{name}`" in table for name in VENDORED)
    assert all(
        (ASSETS / "LICENSES" / f"{name}.txt").stat().st_size for name in ("htmx", "pico", "swagger-ui")
    )


def gb2312() -> set[str]:
    """All characters of GB/T 2312-1980: rows 1 to 87, cells 1 to 94."""
    pairs = (bytes([row, cell]) for row in range(0xA1, 0xF8) for cell in range(0xA1, 0xFF))
    return {pair.decode("gb2312", errors="ignore") for pair in pairs} - {""}


@pytest.mark.parametrize("weight", ["Regular", "Bold"])
def test_the_font_can_draw_every_character_of_gb2312(weight: str) -> None:
    with TTFont(FONTS / f"NotoSansSC-{weight}.ttf", lazy=True) as font:
        drawable = {chr(code) for code in font.getBestCmap()}

    assert len(gb2312()) == 7445
    assert gb2312() <= drawable
