"""Several acts at the same moment, each in a thread of its own."""

import threading
from collections.abc import Callable
from typing import Any


def at_once(*acts: Callable[[], object]) -> list[Any]:
    """Do all of it at the same moment, each in a thread of its own; raises what any of them raised."""
    start, results, failures = threading.Barrier(len(acts)), [None] * len(acts), []

    def run(at: int) -> None:
        start.wait()
        try:
            results[at] = acts[at]()  # type: ignore[call-overload]
        except BaseException as failure:  # noqa: BLE001 - handed on below
            failures.append(failure)

    threads = [threading.Thread(target=run, args=(at,)) for at in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=900)
    if failures:
        raise failures[0]
    return results
