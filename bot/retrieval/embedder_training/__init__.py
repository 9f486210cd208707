"""Trains the bundled embedding model: corpus, characters, tokenizer, weights, all from text in this repository."""
