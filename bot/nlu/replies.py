"""Reading what Rasa answers, and telling when it is not Rasa that answers."""

from __future__ import annotations

import json
from typing import Any, Final

from bot.domain.intents import ENTITY_NAMES, INTENT_GROUP, Entity, IntentScore, Understanding
from bot.ports import ClassifierUnavailable

_ENTITIES: Final = frozenset(ENTITY_NAMES)
_MOST_INTENTS: Final = 10
_MAJOR_VERSION: Final = "3."
_ONLY_PERSON: Final = "only_person"
"""What bot.nlu.components.person_reader calls it; the answers of a model that was trained without it hold none."""


class NotRasa(Exception):
    """Something answers, but it is not a Rasa server that we can use; the message says what is wrong."""


def read_version(status: int, body: bytes) -> str:
    """Return Rasa's version from the answer to GET /version. Raises NotRasa."""
    answer = _mapping(body)
    version = answer.get("version")
    if status != 200 or not isinstance(version, str) or "minimum_compatible_version" not in answer:
        raise NotRasa("something other than Rasa answers there")
    if not version.startswith(_MAJOR_VERSION):
        raise NotRasa(f"Rasa {version} answers there; 3.6 is needed")
    return version


def read_status(status: int, body: bytes) -> str:
    """Return the model's name from the answer to GET /status. Raises NotRasa; ClassifierUnavailable while it loads."""
    _refuse_common(status)
    if status == 409:
        raise ClassifierUnavailable("no model is loaded yet")
    answer = _mapping(body)
    if (
        status != 200
        or not isinstance(answer.get("model_id"), str)
        or "num_active_training_jobs" not in answer
    ):
        raise NotRasa("something other than Rasa answers there")
    return f"{answer.get('model_file') or ''}@{answer['model_id']}"


def read_understanding(status: int, body: bytes, text: str, shift: int) -> Understanding:
    """Return the answer to POST /model/parse, entity positions moved by `shift` into `text`.

    Raises NotRasa, or ClassifierUnavailable when Rasa could not parse this text.
    """
    if status != 200:
        _refuse_common(status)
        if status == 409:
            raise ClassifierUnavailable("no model is loaded yet")
        if status not in (400, 500) or "reason" not in _mapping(body):
            raise NotRasa(f"a parse was answered with status {status}")
        raise ClassifierUnavailable(f"the text was refused with status {status}")
    answer = _mapping(body)
    try:
        intents = [
            IntentScore(name, INTENT_GROUP[name], float(item["confidence"]))
            for item in answer["intent_ranking"]
            if (name := item["name"]) in INTENT_GROUP
        ]
        entities = [_entity(item, text, shift) for item in answer["entities"] if item["entity"] in _ENTITIES]
        told = answer.get(_ONLY_PERSON)
        only_person = None if told is None else min(1.0, max(0.0, float(told)))
    except (KeyError, TypeError, ValueError):
        raise NotRasa("a parse was answered in an unknown form") from None
    return Understanding(tuple(intents[:_MOST_INTENTS]), tuple(entities), only_person)


def _entity(item: dict[str, Any], text: str, shift: int) -> Entity:
    start, end = item["start"] + shift, item["end"] + shift
    return Entity(item["entity"], text[start:end], start, end)


def _refuse_common(status: int) -> None:
    if status in (401, 403):
        raise NotRasa("the token is refused: check KUAIHUI_RASA_TOKEN")
    if status == 404:
        raise NotRasa("Rasa's HTTP interface is off there: start it with --enable-api")


def _mapping(body: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(body)
    except ValueError:
        raise NotRasa("something other than Rasa answers there") from None
    if not isinstance(answer, dict):
        raise NotRasa("something other than Rasa answers there")
    return answer
