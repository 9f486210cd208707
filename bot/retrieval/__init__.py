"""Embedding, vector search, ranking, calibration and their evaluation."""
