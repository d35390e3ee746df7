"""The log of an application: numbers that identify somebody are replaced by the name of their kind."""

import logging

import structlog

# -- integration
from compliance.guards.logs import RedactIdentifiers, redact_event

handler = logging.StreamHandler()
handler.addFilter(RedactIdentifiers())  # on each handler: a logger's own filter misses what its children log
logging.basicConfig(handlers=[handler], level=logging.INFO)
structlog.configure(processors=[redact_event, structlog.processors.JSONRenderer(ensure_ascii=False)])
# -- end

if __name__ == "__main__":
    logging.getLogger("shop").info("call %s back", "19400000001")
    structlog.get_logger().info("visitor", phone="19400000001", room="3-1-1201")
