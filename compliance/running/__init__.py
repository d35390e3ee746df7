"""Everything in one process, or each part in its own: what `up`, `web`, `worker`, `beat` and `doctor` do."""
