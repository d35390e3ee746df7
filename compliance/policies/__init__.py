"""Policies as data: packs of YAML, the loader that checks them, the law they cite and the cases they must pass."""
