"""The engine of this process: built when the first task asks for it, closed when the process ends.

A prefork child must not share its parent's database connections, so the engine remembers which process built it.
"""

from __future__ import annotations

import os
import threading

from compliance.bootstrap import Engine, bootstrap
from compliance.config import Settings

_lock = threading.Lock()
_engine: Engine | None = None
_built_by = 0
_lent = False


def current() -> Engine:
    """The engine of this process; raises what `bootstrap` raises where the home does not open."""
    global _engine, _built_by, _lent
    with _lock:
        if _engine is None or _built_by != os.getpid():
            _engine, _built_by, _lent = bootstrap(Settings()), os.getpid(), False
        return _engine


def lend(engine: Engine) -> None:
    """Let tasks in this process use an engine that somebody else has opened, and will close."""
    global _engine, _built_by, _lent
    with _lock:
        _engine, _built_by, _lent = engine, os.getpid(), True


def let_go(**_: object) -> None:
    """Close the engine if it is ours; the tasks after that would build a new one."""
    global _engine
    with _lock:
        engine, _engine = _engine, None
        if engine is not None and not _lent and _built_by == os.getpid():
            engine.close()
