"""Rasa's one channel to Kuaihui: runs inside the Rasa environment (Python 3.10), mounted by bot.nlu.launcher.

POST /webhooks/kuaihui/turn, the secret in X-Kuaihui-Secret, {"conversation": "shop:conversation", "text", "past": [events],
"topic": the group of the dialogue that the turn begins, "" where its words alone say which}
→ {"messages": [{"text", "custom"}], "active_loop", "events": [events]}. Rasa remembers no dialogue: each turn is run on a
tracker that is built from `past` alone, and what it leaves goes back as `events`. They hold no words of anybody but what was
put into slots. A turn in which an action fails is answered with 502 and leaves nothing.

A Rasa that runs elsewhere mounts it by its credentials.yml (docs/dialogues.md):
`bot.nlu.dialogue_channel.DialogueChannel: {secret: …, actions_url: …}`.
"""

from __future__ import annotations

import json
import logging
import re
from typing import Any

from jsonschema.validators import validator_for  # type: ignore[import-untyped]
from rasa.core.actions.action import ActionExecutionRejection, RemoteAction
from rasa.core.channels.channel import InputChannel, OutputChannel, UserMessage
from rasa.core.processor import MessageProcessor
from rasa.exceptions import ActionLimitReached
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecutionRejected, SlotSet
from rasa.shared.data import TrainingType
from rasa.shared.exceptions import RasaException
from rasa.utils.endpoints import EndpointConfig
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse
from sanic.response import json as json_response

from bot.domain.dialogue_secret import FEWEST_CHARACTERS, SECRET_HEADER, is_secret
from bot.nlu.dialogue_memory import build_tracker, kept_events

_log = logging.getLogger(__name__)

MOST_BYTES = 1_000_000
_NAME = "kuaihui"
_CONVERSATION = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?:[A-Za-z0-9_-]{1,64}")
_REQUEST = {"conversation", "text", "past", "topic"}
_LONGEST_TEXT = 2000
_ACTION_SECONDS = 3.0
_PLACE = re.compile(r"\{([^{}\n]+)\}")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_LATIN_WORD = re.compile(r"(?<![^\s,.!?'\"])[A-Za-z']{2,}(?![^\s,.!?'\"])")


class Refused(Exception):
    """The request cannot be answered; `status` and the message go back."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class ActionSite(EndpointConfig):  # type: ignore[misc]
    """Where Kuaihui runs the actions. It is told what forms and slots there are, not the whole domain each time."""

    def __init__(self, url: str, secret: str, domain: Domain) -> None:
        super().__init__(url, headers={SECRET_HEADER: secret}, enable_selective_domain=True)
        known = domain.as_dict()
        self._excerpt = {name: known.get(name, {}) for name in ("forms", "slots")}
        slots = {slot.name for slot in domain.slots}
        self._to_fill = {name: _places(variants) - slots for name, variants in domain.responses.items()}

    async def request(self, *arguments: Any, **options: Any) -> Any:
        """Run one action. Raises what Rasa's actions expect, and RasaException for a response that cannot be filled."""
        body = {**options.pop("json"), "domain": self._excerpt}
        answer = await super().request(*arguments, json=body, **{**options, "timeout": _ACTION_SECONDS})
        for message in answer.get("responses", ()):
            name = message.get("response")
            if name and not self._to_fill.get(name, {name}) <= set(message):
                raise RasaException(f"the response {name} is not in the domain, or not filled")
        return answer


def _check_answers_by_a_schema_read_once() -> None:
    """Let Rasa check an action's answer without checking its own schema first: that takes 20 ms, each time."""
    schema = RemoteAction.action_response_format_spec()
    validator = validator_for(schema)(schema)

    def check(action: RemoteAction, result: Any) -> bool:
        validator.validate(result)
        return True

    RemoteAction._validate_action_result = check


def _places(variants: list[dict[str, Any]]) -> set[str]:
    return {place for variant in variants for place in _PLACE.findall(str(variant.get("text") or ""))}


class _Said(OutputChannel):  # type: ignore[misc]
    """Collects what is said in one turn."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []

    @classmethod
    def name(cls) -> str:
        return _NAME

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        self.messages.append({"text": message.get("text"), "custom": message.get("custom")})


class DialogueChannel(InputChannel):  # type: ignore[misc]
    """The route. `actions_url` is Kuaihui's site of actions; it takes the same secret."""

    def __init__(self, secret: str, actions_url: str) -> None:
        if len(secret) < FEWEST_CHARACTERS:
            raise RasaException(f"the channel's secret must have {FEWEST_CHARACTERS} characters or more")
        _check_answers_by_a_schema_read_once()
        self._secret = secret
        self._actions_url = actions_url
        self._wired: MessageProcessor | None = None

    @classmethod
    def name(cls) -> str:
        return _NAME

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> DialogueChannel:
        """Return the channel that credentials.yml describes. Raises RasaException."""
        wanted = credentials or {}
        if set(wanted) != {"secret", "actions_url"}:
            raise RasaException(f"{cls.__name__} needs `secret` and `actions_url` in credentials.yml")
        return cls(str(wanted["secret"]), str(wanted["actions_url"]))

    def blueprint(self, on_new_message: Any) -> Blueprint:
        """Return the route; Rasa's own way of handling messages, with its memory, is not used."""
        blueprint = Blueprint("kuaihui_dialogue")

        @blueprint.route("/turn", methods=["POST"])  # type: ignore[untyped-decorator]
        async def turn(request: Request) -> HTTPResponse:
            try:
                self._check(request)
                return json_response(await self._answer(request))
            except Refused as refusal:
                return json_response({"reason": str(refusal)}, status=refusal.status)

        return blueprint

    def _check(self, request: Request) -> None:
        if not is_secret(request.headers.get(SECRET_HEADER, ""), self._secret):
            raise Refused(401, "the secret is wrong")
        if len(request.body) > MOST_BYTES:
            raise Refused(413, "the turn is too large")

    async def _answer(self, request: Request) -> dict[str, Any]:
        conversation, text, past, topic = read_request(request.body)
        processor = self._processor(request)
        try:
            turn = _Turn(processor, conversation, past)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise Refused(400, f"`past` cannot be replayed ({type(error).__name__})") from None
        await turn.take(text, topic)
        return turn.outcome()

    def _processor(self, request: Request) -> MessageProcessor:
        agent = request.app.ctx.agent
        if agent is None or not agent.is_ready():
            raise Refused(409, "no model is loaded yet")
        processor: MessageProcessor = agent.processor
        if processor.model_metadata.training_type == TrainingType.NLU:
            raise Refused(409, "its model holds no dialogues: train it with `kuaihui train`")
        if processor is not self._wired:
            processor.action_endpoint = ActionSite(self._actions_url, self._secret, processor.domain)
            self._wired = processor
        return processor


def read_request(body: bytes) -> tuple[str, str, list[dict[str, Any]], str]:
    """Return conversation, text, past and topic. Raises Refused."""
    try:
        wanted = json.loads(body)
    except ValueError:
        raise Refused(400, "the body is not JSON") from None
    if not isinstance(wanted, dict) or set(wanted) | {"topic"} != _REQUEST:
        raise Refused(400, "expected conversation, text and past")
    conversation, text, past = wanted["conversation"], wanted["text"], wanted["past"]
    topic = wanted.get("topic", "")
    if not isinstance(conversation, str) or not _CONVERSATION.fullmatch(conversation):
        raise Refused(400, "conversation must be shop:conversation")
    if not isinstance(text, str) or not text.strip():
        raise Refused(400, "text must be words")
    if not isinstance(past, list) or not all(isinstance(event, dict) and "event" in event for event in past):
        raise Refused(400, "past must be a list of events")
    if not isinstance(topic, str):
        raise Refused(400, "topic must be a group's name")
    return conversation, text, past, topic


def plain_words(text: str) -> str:
    """Return the buyer's text so that Rasa cannot take it for an intent by name, as in `/inform{…}`."""
    words = text[:_LONGEST_TEXT].strip()
    return "／" + words[1:] if words.startswith("/") else words


def language_of(text: str, before: str) -> str:
    """Return zh, or en for a text of English words; what was spoken `before` where the text does not tell."""
    if _CHINESE.search(text):
        return "zh"
    return "en" if len(_LATIN_WORD.findall(text)) > 1 else before


class _Turn:
    """One turn on a tracker of its own."""

    def __init__(self, processor: MessageProcessor, conversation: str, past: list[dict[str, Any]]) -> None:
        self._processor = processor
        self._domain: Domain = processor.domain
        self._said = _Said()
        tracker = build_tracker(conversation, past, self._domain)
        if tracker.active_loop_name not in (None, *self._domain.form_names):
            # The model was trained anew without the form that waited: nobody can go on with it.
            tracker = build_tracker(conversation, [], self._domain)
        self._tracker = tracker

    async def take(self, text: str, topic: str) -> None:
        """Let the dialogue answer. Raises Refused when an action fails: half a turn is worse than none."""
        tracker = self._tracker
        tracker.model_id = self._processor.model_metadata.model_id
        tracker.assistant_id = self._processor.model_metadata.assistant_id
        message = UserMessage(plain_words(text), self._said, tracker.sender_id, input_channel=_NAME)
        await self._processor._update_tracker_session(tracker, self._said)
        self._note_language(text)
        self._note_topic(topic)
        await self._processor._handle_message_with_tracker(message, tracker)
        await self._processor.run_action_extract_slots(self._said, tracker)
        try:
            while await self._act():
                pass
        except ActionLimitReached:
            raise Refused(502, "the rules run in a circle") from None

    async def _act(self) -> bool:
        """Run the action that the rules want; return whether another may follow. Rasa's own loop would swallow a failure."""
        tracker = self._tracker
        action, prediction = self._processor.predict_next_with_tracker_if_should(tracker)
        before = tracker.copy()
        before.update_with_events(prediction.events, self._domain)
        try:
            events = await action.run(self._said, self._processor.nlg, before, self._domain)
        except ActionExecutionRejection:
            tracker.update(
                ActionExecutionRejected(action.name(), prediction.policy_name, prediction.max_confidence),
                self._domain,
            )
            return True
        except Exception as error:  # noqa: BLE001 - whatever it is; its words may hold the buyer's
            _log.warning("action %s failed: %s", action.name(), type(error).__name__)
            raise Refused(502, f"{action.name()} failed") from None
        self._processor._log_action_on_tracker(tracker, action, events, prediction)
        await self._processor._send_bot_messages(events or [], tracker, self._said)
        return bool(action.name() != ACTION_LISTEN_NAME)

    def _note_language(self, text: str) -> None:
        tracker = self._tracker
        # A heading or an address in another language is an answer, not a change of language.
        if "language" in tracker.slots and not tracker.active_loop_name:
            spoken = language_of(text, tracker.get_slot("language"))
            if spoken != tracker.get_slot("language"):
                tracker.update(SlotSet("language", spoken), self._domain)

    def _note_topic(self, topic: str) -> None:
        """Tell the actions which dialogue begins: what the words were read as may be another's."""
        tracker = self._tracker
        if "topic" in tracker.slots and tracker.get_slot("topic") != (topic or None):
            tracker.update(SlotSet("topic", topic or None), self._domain)

    def outcome(self) -> dict[str, Any]:
        """Return what the turn says and leaves."""
        return {
            "messages": self._said.messages,
            "active_loop": self._tracker.active_loop_name or "",
            "events": kept_events(self._tracker, self._domain),
        }
