"""Rasa custom actions: thin classes around services, run inside the application."""

from __future__ import annotations

from rasa_sdk import Action

from actions.services import ActionServices


def all_actions(services: ActionServices) -> list[Action]:
    """Return an instance of every action that intents/domain/ names, with its services."""
    return []
