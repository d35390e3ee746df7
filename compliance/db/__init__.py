"""Our own database: the duty, never the content."""
