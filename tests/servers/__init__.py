"""Real servers for tests, each a pytest plugin; conftest.py lists them."""
