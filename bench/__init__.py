"""Benchmarks: ratios of what the engine does to what the database alone can do, measured side by side in one run."""
