"""How often each detector spoke, as a table: of the month in the report, of all time on the command line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from compliance.domain.report import DetectorFigures
from compliance.notices.report_cells import Cell, Column, Table

NEVER_FOUND: Final = "从未命中 never"


def detections(figures: Sequence[DetectorFigures]) -> Table:
    """What the detectors found in texts; one that never spoke says so."""
    names = ("certain", "possible", "refused", "stripped", "flagged")
    return Table(
        name="检测",
        title=("文字里的证件号、电话等", "Identifiers found in texts"),
        columns=(
            Column(label=("检测器", "detector"), number=False),
            Column(label=("确定", "certain")),
            Column(label=("可能", "possible")),
            Column(label=("退回", "refused")),
            Column(label=("略去", "left out")),
            Column(label=("照收并提示", "flagged")),
            Column(label=("最近命中", "last found"), number=False),
        ),
        rows=tuple(
            (
                Cell(value=f"{one.label_zh} {one.label_en}"),
                *(Cell(value=getattr(one, name)) for name in names),
                Cell(value=one.last or NEVER_FOUND),
            )
            for one in figures
        ),
        note=(
            "只记次数，不记内容和位置。从未命中的，请用“compliance gate check”试一条，确认它在工作。",
            "Only counted: never what or where. Try one that never fired with `compliance gate check`.",
        ),
    )
