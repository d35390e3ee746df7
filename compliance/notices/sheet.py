"""A4 sheets by typst: the same bytes for the same values, no network, no system fonts, PDF/A for the files.

Values travel as JSON in a folder of their own that is gone afterwards; none of them is ever read as markup.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

from compliance.notices.forms import LAYOUTS

FONTS = Path(__file__).parent / "fonts"
#: ISO 19005-2, level A: kept for decades, and readable by screen readers. Checked by the compiler itself.
STANDARD: Final = "a-2a"


def draw(layout: str, values: Mapping[str, object], images: Mapping[str, str], day: str) -> bytes:
    """Compile `layouts/<layout>.typ` over `page.json` and SVG images by file name. `day` is an ISO date."""
    import typst  # thirty megabytes that only those need who print

    with tempfile.TemporaryDirectory(prefix="sheet-") as name:
        folder = Path(name)
        (folder / "page.json").write_text(json.dumps(values, ensure_ascii=True), encoding="utf-8")
        for file, svg in images.items():
            (folder / file).write_text(svg, encoding="utf-8")
        shutil.copyfile(LAYOUTS / f"{layout}.typ", folder / "sheet.typ")
        return typst.compile(
            input=folder / "sheet.typ",
            root=folder,
            font_paths=[FONTS],
            ignore_system_fonts=True,
            format="pdf",
            pdf_standards=[STANDARD],
            timestamp=_seconds(day),
        )


def _seconds(day: str) -> int:
    """Midnight of the day in UTC: a PDF carries the day that it is issued, not the second that it was printed."""
    moment = date.fromisoformat(day)
    return int(datetime(moment.year, moment.month, moment.day, tzinfo=UTC).timestamp())
