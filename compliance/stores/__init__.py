"""Guarded logs: one adapter per file."""
