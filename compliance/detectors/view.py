"""A text as detectors read it, and the way back to where every character stood in the original."""

from bisect import bisect_right
from datetime import date
from typing import NamedTuple


class Segment(NamedTuple):
    """From `here` on, text that stands as it did from `there` on; or, with a `width`, what was written in place of so many
    characters there.
    """

    here: int
    there: int
    width: int = 0


class View(NamedTuple):
    """`text` is what is read.

    `segments` maps it to the text that it was made from, empty where offsets are the same. `source` is that text's own
    view, None where it is the original. `today` is the day of writing, where the caller knows it.
    """

    text: str
    segments: tuple[Segment, ...] = ()
    source: "View | None" = None
    today: date | None = None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the half-open span in the original text for a non-empty one in this text.

        Whatever was rewritten is in it whole: of a digit that was spelt, not a letter is left out.
        """
        if self.segments:
            first, last = self._segment(start), self._segment(end - 1)
            start = first.there if first.width else first.there + start - first.here
            end = last.there + (last.width or end - last.here)
        return self.source.span(start, end) if self.source is not None else (start, end)

    def _segment(self, offset: int) -> Segment:
        return self.segments[bisect_right(self.segments, (offset, 1 << 62, 0)) - 1]

    def read_as(self, text: str) -> "View":
        """The same places with other characters, one for one."""
        return View(text=text, segments=self.segments, source=self.source, today=self.today)


class Rewriting:
    """Builds a view of which some pieces were replaced, keeping the places."""

    def __init__(self, source: View) -> None:
        self._source = source
        self._pieces: list[str] = []
        self._segments = [Segment(0, 0)]
        self._position = self._length = 0

    def put(self, start: int, end: int, instead: str) -> None:
        """Replace what stands from `start` to `end`; calls come in the order of the text."""
        before = self._source.text[self._position : start]
        self._pieces += (before, instead)
        self._length += len(before)
        if instead:
            self._segments.append(Segment(self._length, start, end - start))
        self._length += len(instead)
        self._position = end
        self._segments.append(Segment(self._length, end))

    def drop(self, start: int, end: int) -> None:
        self.put(start, end, "")

    def view(self) -> View:
        """The rewritten text; the source itself where nothing was replaced."""
        if not self._pieces:
            return self._source
        text = "".join((*self._pieces, self._source.text[self._position :]))
        return View(text=text, segments=tuple(self._segments), source=self._source, today=self._source.today)
