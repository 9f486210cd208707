"""Use cases: one verb family a file, over ports."""
