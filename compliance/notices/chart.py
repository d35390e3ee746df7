"""The month as a chart: admitted, refused and erased per day, as an SVG that needs no font where it is shown."""

from __future__ import annotations

import io
from typing import Any, Final

from compliance.domain.report import MonthFigures
from compliance.notices.sheet import FONTS

#: Told apart by shape as well as by colour: the report is printed in grey more often than not.
_INK: Final = {"admitted": "#7fb0d3", "erased": "#1d3f58", "refused": "#c2410c"}
_LABEL: Final = {"admitted": "登记 admitted", "erased": "删除 erased", "refused": "拒收 refused"}


def chart_svg(figures: MonthFigures) -> str:
    """The chart's SVG element, the same bytes for the same figures; letters are paths of the vendored font."""
    import matplotlib as mpl
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure
    from matplotlib.font_manager import FontProperties
    from matplotlib.ticker import MaxNLocator

    font = FontProperties(fname=str(FONTS / "NotoSansSC-Regular.ttf"), size=8)
    settings: Any = {"svg.fonttype": "path", "svg.hashsalt": "compliance", "axes.linewidth": 0.6}
    with mpl.rc_context(settings):
        figure = Figure(figsize=(7.2, 2.5), layout="constrained")
        FigureCanvasSVG(figure)
        axes = figure.add_subplot()
        # What has not happened yet is not drawn as nought.
        past = [day for day in figures.days if day.day <= figures.as_of[:10]]
        days = [int(day.day[8:]) for day in past]
        axes.bar(days, [day.admitted for day in past], color=_INK["admitted"], label=_LABEL["admitted"])
        for name, marker, dashes in (("erased", "o", "-"), ("refused", "x", "--")):
            counts = [getattr(day, name) for day in past]
            axes.plot(
                days, counts, dashes, marker=marker, ms=3.5, lw=1.1, color=_INK[name], label=_LABEL[name]
            )
        axes.set_xlim(0.4, len(figures.days) + 0.6)
        axes.set_ylim(bottom=0, top=max(4, axes.get_ylim()[1]))
        axes.set_xticks(range(1, len(figures.days) + 1))
        axes.yaxis.set_major_locator(MaxNLocator(integer=True))
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(axis="y", lw=0.4, color="#d5dde2")
        axes.set_axisbelow(True)
        axes.tick_params(length=2, width=0.6)
        for text in (*axes.get_xticklabels(), *axes.get_yticklabels()):
            text.set_fontproperties(font)
        axes.legend(prop=font, frameon=False, ncols=3, loc="lower right", bbox_to_anchor=(1, 1))
        out = io.StringIO()
        nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
        figure.savefig(out, format="svg", metadata=nothing, transparent=True)
    return out.getvalue()[out.getvalue().index("<svg") :]


def chart_words(figures: MonthFigures) -> str:
    """What the chart shows, for those who do not see it."""
    sums = (
        f"{_LABEL[name]} {sum(getattr(day, name) for day in figures.days)}"
        for name in ("admitted", "refused", "erased")
    )
    return f"{figures.month} 每日登记、拒收、删除 per day: " + ", ".join(sums)
