"""Python's cycle collector, resting for the length of a batch.

A batch makes some ten thousand small objects that all die with it, by reference count. Left awake, the collector takes
them for survivors each time and walks through the whole heap of the process after them: a quarter of the gate's time.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def resting_collector() -> Iterator[None]:
    """Wakes it again at the end, whatever happened; leaves it alone where the caller has put it to rest."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
