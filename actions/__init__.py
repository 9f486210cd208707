"""Rasa custom actions: thin classes around services, run inside the application."""
