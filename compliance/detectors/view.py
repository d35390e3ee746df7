"""A text as detectors read it, and the way back to where every character stood in the original."""

from bisect import bisect_right
from datetime import date
from typing import NamedTuple


class View(NamedTuple):
    """`text` is what is read.

    `segments` maps it to the text that it was made from: (first offset here, offset there, 1 or 0 for characters there
    per one here), empty where offsets are the same. `source` is that text's own view, None where it is the original.
    `today` is the day of writing, where the caller knows it.
    """

    text: str
    segments: tuple[tuple[int, int, int], ...] = ()
    source: "View | None" = None
    today: date | None = None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the half-open span in the original text for a non-empty one in this text."""
        if self.segments:
            start, end = self._origin(start), self._origin(end - 1) + 1
        return self.source.span(start, end) if self.source is not None else (start, end)

    def _origin(self, offset: int) -> int:
        here, there, step = self.segments[bisect_right(self.segments, (offset, 1 << 62, 1)) - 1]
        return there + (offset - here) * step

    def read_as(self, text: str) -> "View":
        """The same places with other characters, one for one."""
        return View(text=text, segments=self.segments, source=self.source, today=self.today)


class Rewriting:
    """Builds a view of which some pieces were replaced, keeping the places."""

    def __init__(self, source: View) -> None:
        self._source = source
        self._pieces: list[str] = []
        self._segments: list[tuple[int, int, int]] = [(0, 0, 1)]
        self._position = self._length = 0

    def put(self, start: int, end: int, instead: str) -> None:
        """Replace what stands from `start` to `end`; calls come in the order of the text."""
        before = self._source.text[self._position : start]
        self._pieces += (before, instead)
        self._length += len(before)
        if instead:
            self._segments.append((self._length, start, 0))
        self._length += len(instead)
        self._position = end
        self._segments.append((self._length, end, 1))

    def drop(self, start: int, end: int) -> None:
        self.put(start, end, "")

    def view(self) -> View:
        """The rewritten text; the source itself where nothing was replaced."""
        if not self._pieces:
            return self._source
        text = "".join((*self._pieces, self._source.text[self._position :]))
        return View(text=text, segments=tuple(self._segments), source=self._source, today=self._source.today)
