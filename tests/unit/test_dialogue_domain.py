"""intents/domain/, rules and stories fit together, and fit the actions: what is missing would only show to a buyer."""

from __future__ import annotations

import re
from dataclasses import fields
from functools import cache
from typing import Any
from unittest.mock import Mock

import yaml

from actions import all_actions
from actions.services import ActionServices
from bot.domain.intents import GROUPS, INTENT_GROUP
from bot.settings import PROJECT_ROOT

_INTENTS = PROJECT_ROOT / "intents"
_PLACE = re.compile(r"\{([^{}\n]+)\}")
_UNIFORM = ("utter_invoice_asked_before", "utter_invoice_issued_before")
"""The one answer that a shop gives to whoever asks the same again and again."""
_BUILT_IN = {"action_listen", "action_restart", "action_deactivate_loop", "action_unlikely_intent"}


@cache
def _domain() -> dict[str, Any]:
    """Return the parts of the domain together; what two files name makes this fail."""
    whole: dict[str, Any] = {"actions": [], "slots": {}, "forms": {}, "responses": {}}
    for path in sorted((_INTENTS / "domain").glob("*.yml")):
        part = yaml.safe_load(path.read_text(encoding="utf-8"))
        whole["actions"] += part.get("actions", [])
        for name in ("slots", "forms", "responses"):
            both = whole[name].keys() & part.get(name, {}).keys()
            assert not both, f"{path.name} names {both} again"
            whole[name].update(part.get(name, {}))
    return whole


def _steps() -> list[dict[str, Any]]:
    found = []
    for kind in ("rules", "stories"):
        for path in sorted((_INTENTS / kind).glob("*.yml")):
            for told in yaml.safe_load(path.read_text(encoding="utf-8"))[kind]:
                found += [*told["steps"], *told.get("condition", [])]
    return [step for step in found if isinstance(step, dict)]


def _variants(language: str) -> dict[str, list[dict[str, Any]]]:
    """Return the variants of each response that are said in the language."""
    condition = [{"type": "slot", "name": "language", "value": "en"}] if language == "en" else None
    return {
        name: [each for each in variants if each.get("condition") == condition]
        for name, variants in _domain()["responses"].items()
    }


def test_every_action_of_the_domain_is_there_and_none_besides() -> None:
    services = ActionServices(**{field.name: Mock() for field in fields(ActionServices)})
    names = [action.name() for action in all_actions(services)]
    assert sorted(names) == sorted(set(names))
    assert sorted(names) == sorted(_domain()["actions"])


def test_rules_speak_of_what_is_there() -> None:
    domain = _domain()
    actions = {*domain["actions"], *domain["forms"], *domain["responses"], *_BUILT_IN}
    for step in _steps():
        assert step.get("action", "action_listen") in actions, step
        assert step.get("intent", "greet") in INTENT_GROUP, step
        assert step.get("active_loop") in (None, *domain["forms"]), step
        assert {name for slot in step.get("slot_was_set", ()) for name in slot} <= {
            *domain["slots"],
            "requested_slot",
        }


def test_slots_are_filled_by_actions_alone_and_sway_no_rule() -> None:
    for name, slot in _domain()["slots"].items():
        assert slot["mappings"] == [{"type": "custom"}], name
        assert slot.get("influence_conversation", slot["type"] != "any") is False, name


def test_forms_wait_for_slots_that_are_there() -> None:
    for name, form in _domain()["forms"].items():
        assert set(form["required_slots"]) <= _domain()["slots"].keys(), name
        assert f"validate_{name}" in _domain()["actions"]


def test_no_response_is_a_parrots() -> None:
    for language in ("zh", "en"):
        for name, variants in _variants(language).items():
            texts = [variant["text"].strip() for variant in variants]
            fewest = 1 if name.startswith(_UNIFORM) else 2
            assert len(set(texts)) >= fewest, f"{name} has {len(texts)} {language} variants"
            places = {frozenset(_PLACE.findall(text)) for text in texts}
            assert len(places) == 1, f"the {language} variants of {name} are filled differently"


def test_every_response_is_said_in_chinese_and_english_alone() -> None:
    for name, variants in _domain()["responses"].items():
        assert len(variants) == sum(len(_variants(language)[name]) for language in ("zh", "en")), name


def test_what_rasa_says_by_itself_carries_its_group_and_is_filled_from_slots() -> None:
    said_by_rules = {step["action"] for step in _steps() if step.get("action", "").startswith("utter_")}
    for name, variants in _domain()["responses"].items():
        if name not in said_by_rules and not name.startswith("utter_ask_"):
            continue
        for variant in variants:
            said = variant["custom"]["kuaihui"]
            assert said.get("group") in GROUPS or "person" in said, name
            assert set(_PLACE.findall(variant["text"])) <= _domain()["slots"].keys(), name
