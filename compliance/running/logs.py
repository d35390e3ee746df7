"""Log lines go to stderr. They carry ids, counts and places in the code, never what people entered.

The last net is the guard that we offer others: whatever is certainly an identifier is redacted, whoever wrote the line.
"""

from __future__ import annotations

import logging
import sys
from functools import partial

import structlog

from compliance.guards.logs import RedactIdentifiers, redact_event


def to_stderr(level: int) -> None:
    """Ours from `level` on; other libraries' from WARNING on, because what they think worth saying we do not know."""
    logging.basicConfig(
        level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s", force=True
    )
    for handler in logging.getLogger().handlers:
        handler.addFilter(RedactIdentifiers(possible=False))
    *before, renderer = structlog.get_config()["processors"]
    if not any(isinstance(one, partial) and one.func is redact_event for one in before):
        before.append(partial(redact_event, possible=False))
    structlog.configure(
        processors=[*before, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
