"""One anonymisation strategy per file; each declares its legal outcome."""
