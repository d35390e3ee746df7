"""Celery: messages are wake-up calls, the obligation lives in our database."""
