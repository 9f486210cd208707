"""What a page may say over its WebSocket: one model a message, unknown fields and types refused."""

from __future__ import annotations

import json
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, field_validator, model_validator

from bot.domain.conversation import MAX_MESSAGE_CHARACTERS
from bot.services.document_fields import field_errors
from bot.services.sending import Outgoing
from bot.web.bodies import WRONG_FIELDS, Body, Reference, message_text
from bot.web.errors import ApiError, by_field

MAX_LIVE_BYTES: Final = 64 * 1024
_MOST_SHOPS: Final = 5000
_MOST_CONFIRMED: Final = 100


def _given(value: str) -> str:
    if not value:
        raise ValueError("must not be empty")
    return value


Name = Annotated[Reference, AfterValidator(_given)]
Text = Annotated[str, BeforeValidator(message_text)]
Number = Annotated[int, Field(ge=0, le=2**53)]


class Hello(Body):
    """The first message: the session's CSRF secret, and the feed numbers that the page had reached.

    A page that takes `batches` gets what is ready at the same time in one frame.
    """

    type: Literal["hello"]
    csrf: Annotated[str, Field(max_length=200)]
    feeds: Annotated[dict[str, Number], Field(max_length=_MOST_SHOPS)] = {}
    batches: bool = False

    @field_validator("feeds", mode="before")
    @classmethod
    def _none_is_none(cls, value: Any) -> Any:
        return {} if value is None else value


class Open(Body):
    """The conversation in view; none of them looks at none."""

    type: Literal["open"]
    shop: Reference | None = None
    conversation: Reference | None = None

    @model_validator(mode="after")
    def _both_or_none(self) -> Open:
        if bool(self.shop) != bool(self.conversation):
            raise ValueError("conversation: give shop and conversation, or neither")
        return self


class Typing(Body):
    """The agent began or ceased to type."""

    type: Literal["typing"]
    shop: Name
    conversation: Name
    on: bool


class Send(Body):
    """A message to the buyer. See bot.services.sending.Outgoing."""

    type: Literal["send"]
    shop: Name
    conversation: Name
    key: Name
    text: Text = ""
    image: Reference | None = None
    quotes: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None
    answers: Annotated[int, Field(ge=0, le=2**31 - 1)] | None = None
    suggestion: Reference | None = None
    suggestion_text: Text | None = None
    confirmed: Annotated[list[Reference], Field(max_length=_MOST_CONFIRMED)] | None = None
    phrase: Reference | None = None
    phrase_text: Text | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Send:
        if not self.text.strip() and not self.image:
            raise ValueError("text: 先写点什么再发送。 write something first")
        return self

    def to_outgoing(self) -> Outgoing:
        """Return the message as the outbox takes it."""
        return Outgoing(
            self.shop, self.conversation, self.text, self.key, self.image or "", self.quotes, self.answers,
            self.suggestion or "", self.suggestion_text or "", tuple(self.confirmed or ()),
            self.phrase or "", self.phrase_text or "",
        )  # fmt: skip


class Undo(Body):
    """Take a held message back. `shop` is the one it was written for."""

    type: Literal["undo"]
    key: Name
    shop: Reference | None = None


class SetPresence(Body):
    """How the person is there."""

    type: Literal["presence"]
    state: Literal["online", "pause", "away"]


class Ping(Body):
    """Asks for a pong."""

    type: Literal["ping"]


LiveMessage = Hello | Open | Typing | Send | Undo | SetPresence | Ping
MODELS: Final[dict[str, type[Body]]] = {
    "hello": Hello,
    "open": Open,
    "typing": Typing,
    "send": Send,
    "undo": Undo,
    "presence": SetPresence,
    "ping": Ping,
}


def read_live_message(text: str) -> Body:
    """Return what the page said. Raises ApiError: 400 for what is no message, 422 for wrong fields."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        raise ApiError(400, "broken JSON") from None
    kind = data.get("type") if isinstance(data, dict) else None
    model = MODELS.get(kind) if isinstance(kind, str) else None
    if model is None:
        raise ApiError(400, f"unknown message; one of {', '.join(MODELS)} is", {"type": "unknown"})
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise ApiError(422, WRONG_FIELDS, by_field(field_errors(error))) from None


assert MAX_LIVE_BYTES > 4 * MAX_MESSAGE_CHARACTERS
