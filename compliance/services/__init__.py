"""Use cases: they know ports, never frameworks."""
