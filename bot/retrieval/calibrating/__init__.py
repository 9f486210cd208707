"""Fits the coefficients of the ranker; needed by who changes the ranker or the bundled model, not by the program."""
