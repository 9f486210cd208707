"""Rasa components of our own: loaded by Rasa, inside its environment (Python 3.10 or 3.11), by the names in config.yml."""
