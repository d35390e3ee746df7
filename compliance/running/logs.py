"""Log lines go to stderr. They carry ids, counts and places in the code, never what people entered."""

from __future__ import annotations

import logging
import sys

import structlog


def to_stderr(level: int) -> None:
    """Ours from `level` on; other libraries' from WARNING on, because what they think worth saying we do not know."""
    logging.basicConfig(
        level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s", force=True
    )
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
