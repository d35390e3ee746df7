"""The law as values and functions: pure, and below everything else."""
