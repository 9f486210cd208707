"""Rasa: its process, its models and its HTTP interface behind our ports."""
