"""Request bodies: parsed, validated, and refused with the field that is wrong."""

from __future__ import annotations

import json
from typing import Annotated, Any, TypeVar

from aiohttp import web
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from bot.domain.conversation import MAX_HISTORY_TURNS, MAX_MESSAGE_CHARACTERS, ROLES, Turn
from bot.services.documents import (
    EntryDocument,
    OrderDocument,
    ProductDocument,
    ShippingDocument,
    Text,
    field_errors,
)
from bot.services.suggesting import SuggestionRequest
from bot.web.errors import ApiError, by_field

B = TypeVar("B", bound=BaseModel)
MAX_MESSAGE_BODY = 512 * 1024


class Body(BaseModel):
    """Base of request bodies: unknown fields are errors."""

    model_config = ConfigDict(extra="forbid")


def _role(value: Any) -> Any:
    if value not in ROLES:
        raise ValueError(f"one of {', '.join(ROLES)}")
    return value


def _message(value: Any) -> Any:
    if isinstance(value, str) and len(value) > MAX_MESSAGE_CHARACTERS:
        raise ValueError(f"has {len(value)} characters; at most {MAX_MESSAGE_CHARACTERS} are read")
    return value


class TurnBody(Body):
    """A turn of the conversation so far."""

    role: Annotated[str, BeforeValidator(_role)]
    text: Annotated[str, BeforeValidator(_message)]


class SuggestionBody(Body):
    """A buyer's message with what came before it (oldest first)."""

    text: Annotated[str, BeforeValidator(_message)]
    history: Annotated[list[TurnBody], Field(max_length=MAX_HISTORY_TURNS)] = []
    conversation: Annotated[str, Field(max_length=100)] = ""
    viewed: Annotated[str, Field(max_length=100)] = ""

    def to_request(self, shop: str) -> SuggestionRequest:
        """Return the request for the shop."""
        history = tuple(Turn(turn.role, turn.text) for turn in self.history)
        return SuggestionRequest(shop, self.text, history, self.conversation, self.viewed)


class ClassifyBody(Body):
    """A text to classify."""

    text: Annotated[str, BeforeValidator(_message)]


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
    """Return the validated body. Raises ApiError: 413 too large, 415 not JSON, 400 broken JSON, 422 wrong fields."""
    if limit is not None and (request.content_length or 0) > limit:
        raise ApiError(413, f"the request has {request.content_length} bytes; at most {limit} are read here")
    if request.content_type not in ("application/json", "application/octet-stream"):
        raise ApiError(415, "send JSON: Content-Type: application/json")
    raw = await request.read()
    if limit is not None and len(raw) > limit:
        raise ApiError(413, f"the request has {len(raw)} bytes; at most {limit} are read here")
    try:
        data = json.loads(raw)
    except UnicodeDecodeError:
        raise ApiError(400, "the body is not UTF-8") from None
    except json.JSONDecodeError as error:
        raise ApiError(400, f"broken JSON at line {error.lineno}, column {error.colno}: {error.msg}") from None
    except RecursionError:
        raise ApiError(400, "the JSON is nested too deeply") from None
    if not isinstance(data, dict):
        raise ApiError(400, "the body must be a JSON object")
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise ApiError(422, "some fields are wrong; nothing was changed", by_field(field_errors(error))) from None
