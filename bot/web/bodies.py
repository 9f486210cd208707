"""Request bodies: parsed, validated, and refused with the field that is wrong."""

from __future__ import annotations

import json
import re
from typing import Annotated, Any, TypeVar

from aiohttp import web
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    WithJsonSchema,
    model_validator,
)

from bot.domain.conversation import MAX_HISTORY_TURNS, MAX_MESSAGE_CHARACTERS, ROLES, Turn
from bot.domain.feedback import EDITED, REACTIONS, REFUSED
from bot.services.document_fields import Text, field_errors
from bot.services.documents import EntryDocument, OrderDocument, ProductDocument, ShippingDocument
from bot.services.reacting import ReactionRequest
from bot.services.suggesting import SuggestionRequest
from bot.web.authorisation import admit_again
from bot.web.errors import ApiError, by_field

B = TypeVar("B", bound=BaseModel)
MAX_MESSAGE_BODY = 512 * 1024
WRONG_FIELDS = "some fields are wrong; nothing was changed"


_UNKEPT = re.compile("[\0\ud800-\udfff]")
"""NUL and halves of characters: JSON can write them, PostgreSQL and UTF-8 cannot."""
_UNKEPT_FOUND = (
    "holds a NUL character or half a character (a lone surrogate), which cannot be stored: remove it"
)


class Body(BaseModel):
    """Base of request bodies: unknown fields are errors."""

    model_config = ConfigDict(extra="forbid")


def _role(value: Any) -> Any:
    if value not in ROLES:
        raise ValueError(f"one of {', '.join(ROLES)}")
    return value


def message_text(value: Any) -> Any:
    """A buyer's words are taken as they come: what cannot be kept (see _UNKEPT) is left out, not refused."""
    if isinstance(value, str) and len(value) > MAX_MESSAGE_CHARACTERS:
        raise ValueError(
            f"有 {len(value)} 个字，最多读 {MAX_MESSAGE_CHARACTERS} 字。 "
            f"has {len(value)} characters; at most {MAX_MESSAGE_CHARACTERS} are read"
        )
    return _UNKEPT.sub("", value) if isinstance(value, str) else value


class TurnBody(Body):
    """A turn of the conversation so far."""

    role: Annotated[str, BeforeValidator(_role)]
    text: Annotated[str, BeforeValidator(message_text)]


def _reference(value: str) -> str:
    if _UNKEPT.search(value):
        raise ValueError(_UNKEPT_FOUND)
    return value


Reference = Annotated[str, Field(max_length=100), AfterValidator(_reference)]


class SuggestionBody(Body):
    """A buyer's message with what came before it (oldest first)."""

    text: Annotated[str, BeforeValidator(message_text)]
    history: Annotated[list[TurnBody], Field(max_length=MAX_HISTORY_TURNS)] = []
    conversation: Reference = ""
    viewed: Reference = ""

    def to_request(self, shop: str) -> SuggestionRequest:
        """Return the request for the shop."""
        history = tuple(Turn(turn.role, turn.text) for turn in self.history)
        return SuggestionRequest(shop, self.text, history, self.conversation, self.viewed)


def _reaction(value: Any) -> Any:
    if value not in REACTIONS:
        raise ValueError(f"one of {', '.join(REACTIONS)}")
    return value


def _reason(value: Any) -> Any:
    return _UNKEPT.sub("", value) if isinstance(value, str) else value


class ReactionBody(Body):
    """What an agent did with a suggestion; `text` is what was sent instead, `all` refuses all that was shown with it."""

    kind: Annotated[
        str, BeforeValidator(_reaction), WithJsonSchema({"type": "string", "enum": list(REACTIONS)})
    ]
    text: Annotated[str, BeforeValidator(message_text)] = ""
    reason: Annotated[str, Field(max_length=500), BeforeValidator(_reason)] = ""
    all: bool = False
    conversation: Reference = ""

    @model_validator(mode="after")
    def _fits_together(self) -> ReactionBody:
        if self.kind == EDITED and not self.text.strip():
            raise ValueError("text: needed with edited: what was sent")
        if self.all and self.kind != REFUSED:
            raise ValueError("all: only what is refused can be refused all together")
        return self

    def to_request(self, shop: str, suggestion: str) -> ReactionRequest:
        """Return the request for the shop."""
        return ReactionRequest(
            shop, suggestion, self.kind, self.text, self.reason, self.all, self.conversation
        )


class ClassifyBody(Body):
    """A text to classify."""

    text: Annotated[str, BeforeValidator(message_text)]


class EntriesBody(Body):
    """Entries to write at once, all or nothing."""

    entries: Annotated[list[EntryDocument], Field(max_length=10_000)]
    replace: bool = False


class ProductsBody(Body):
    """Products to write at once, all or nothing; with `replace` the shop's other products go."""

    products: Annotated[list[ProductDocument], Field(max_length=10_000)]
    replace: bool = False
    source: Text = "api"


class StockBody(Body):
    """A variant's stock as of now."""

    stock: Annotated[int, Field(ge=0, le=100_000_000)] | None
    restock: str | None = None
    source: Text = "api"


class FactsBody(Body):
    """Shop-wide facts by variable name."""

    facts: dict[str, Text]
    source: Text = "api"


class ShippingBody(Body):
    """The shop's shipping rules, all of them."""

    shipping: Annotated[list[ShippingDocument], Field(max_length=500)]
    source: Text = "api"


class OrdersBody(Body):
    """Orders to write at once."""

    orders: Annotated[list[OrderDocument], Field(max_length=10_000)]
    source: Text = "api"


async def read_body(request: web.Request, model: type[B], *, limit: int | None = None) -> B:
    """Return the validated body. Raises ApiError: 413 too large, 415 not JSON, 400 broken JSON, 422 wrong fields.

    The caller's rights are looked at again once it is there, however slowly it came: see `admit_again`.
    """
    if limit is not None and (request.content_length or 0) > limit:
        raise ApiError(413, f"the request has {request.content_length} bytes; at most {limit} are read here")
    if request.content_type not in ("application/json", "application/octet-stream"):
        raise ApiError(415, "send JSON: Content-Type: application/json")
    try:
        raw = await request.read()
    except ConnectionError:
        raise ApiError(400, "the connection ended before the whole request was there") from None
    await admit_again(request)
    if limit is not None and len(raw) > limit:
        raise ApiError(413, f"the request has {len(raw)} bytes; at most {limit} are read here")
    try:
        data = json.loads(raw)
    except UnicodeDecodeError:
        raise ApiError(400, "the body is not UTF-8") from None
    except json.JSONDecodeError as error:
        raise ApiError(
            400, f"broken JSON at line {error.lineno}, column {error.colno}: {error.msg}"
        ) from None
    except RecursionError:
        raise ApiError(400, "the JSON is nested too deeply") from None
    except ValueError:
        raise ApiError(400, "the JSON holds a number of thousands of digits") from None
    if not isinstance(data, dict):
        raise ApiError(400, "the body must be a JSON object")
    if model not in _READS_MESSAGES and (path := _unkept(data)) is not None:
        raise ApiError(422, WRONG_FIELDS, {path: _UNKEPT_FOUND})
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise ApiError(422, WRONG_FIELDS, by_field(field_errors(error))) from None


_READS_MESSAGES: tuple[type[BaseModel], ...] = (SuggestionBody, ClassifyBody, ReactionBody)


def _unkept(data: Any) -> str | None:
    """Return the path of the first text that cannot be stored; that of a key is the path of what holds it."""
    waiting: list[tuple[str, Any]] = [("", data)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, str) and _UNKEPT.search(value):
            return path
        if isinstance(value, dict):
            if any(_UNKEPT.search(key) for key in value):
                return path
            waiting.extend((f"{path}.{key}" if path else key, item) for key, item in value.items())
        elif isinstance(value, list):
            waiting.extend((f"{path}[{index}]", item) for index, item in enumerate(value))
    return None
