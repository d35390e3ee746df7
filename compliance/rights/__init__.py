"""One statutory right per file: a request becomes a plan or a refusal."""
