"""Every intent lies in one of the ten groups."""

from __future__ import annotations

from bot.domain.intents import GROUPS, INTENT_GROUP, SILENT_INTENTS


def test_every_group_has_intents_and_every_intent_a_group() -> None:
    assert set(INTENT_GROUP.values()) == set(GROUPS)
    assert len(GROUPS) == len(set(GROUPS)) == 10


def test_silence_is_for_intents_that_exist() -> None:
    assert set(INTENT_GROUP) > SILENT_INTENTS
    assert {INTENT_GROUP[intent] for intent in SILENT_INTENTS} <= {"greeting_thanks", "other"}
