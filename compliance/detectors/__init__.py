"""One identifier kind per file: finds it in Chinese free text."""
