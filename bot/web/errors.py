"""One error shape for the whole API: {"error": {"code", "message", "fields"}}, and one place that makes it."""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence

from aiohttp import web

from bot.domain.message_text import UnusableMessage
from bot.domain.shop import InvalidShopId
from bot.domain.text import UnreadableMessage
from bot.ports import Conflict, NotFound, Unavailable
from bot.services.document_fields import FieldError
from bot.services.entries import InvalidEntries
from bot.web.answers import json_answer

_log = logging.getLogger(__name__)
MAX_BODY = 16 * 1024 * 1024
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

CODES = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    409: "conflict",
    413: "too_large",
    415: "unsupported_media_type",
    422: "invalid",
    429: "too_many_requests",
}


class ApiError(Exception):
    """An error that the caller can mend: status 4xx, a message, and what is wrong by field."""

    def __init__(
        self,
        status: int,
        message: str,
        fields: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.fields = dict(fields or {})
        self.headers = dict(headers or {})


_NAMED = re.compile(r"([a-z_]+): (.+)", re.DOTALL)


def by_field(errors: Sequence[FieldError]) -> dict[str, str]:
    """Return the errors as field → message, the first of each field.

    What is checked over a whole object ("group: unknown") names its field in the message: it is part of the path here.
    """
    fields: dict[str, str] = {}
    for error in errors:
        field, message = error.field, error.message
        if named := _NAMED.fullmatch(message):
            field, message = f"{field}.{named[1]}".lstrip("."), named[2]
        fields.setdefault(field, message)
    return fields


def error_response(status: int, message: str, fields: Mapping[str, str] | None = None) -> web.Response:
    """Return the one error shape."""
    code = CODES.get(
        status, "unavailable" if status == 503 else "internal" if status >= 500 else "bad_request"
    )
    headers = (
        {"Retry-After": "2"} if status == 503 else {"WWW-Authenticate": "Bearer"} if status == 401 else {}
    )
    body = {"error": {"code": code, "message": message, "fields": dict(fields or {})}}
    return json_answer(body, status=status, headers=headers)


@web.middleware
async def error_middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn what handlers raise into the error shape; what nobody foresaw is logged and named "internal"."""
    if any("\0" in value for value in request.match_info.values()):
        return error_response(404, "there is no such thing here: the address holds a NUL character")
    try:
        return await handler(request)
    except ApiError as error:
        response = error_response(error.status, error.message, error.fields)
        response.headers.update(error.headers)
        return response
    except (UnreadableMessage, InvalidShopId) as error:
        field = "text" if isinstance(error, UnreadableMessage) else "shop"
        return error_response(422, str(error), {field: str(error)})
    except InvalidEntries as error:
        return error_response(422, "the entry cannot be written; nothing was changed", by_field(error.errors))
    except UnusableMessage as error:
        return error_response(422, str(error), {"text": str(error)})
    except NotFound as error:
        return error_response(404, str(error) or "there is no such thing here")
    except Conflict as error:
        return error_response(409, str(error))
    except Unavailable as error:
        return error_response(503, str(error))
    except web.RequestPayloadError:
        return error_response(400, "the body is broken: it is not encoded as its headers say")
    except web.HTTPException as error:
        return _refusal(error)
    except Exception:  # noqa: BLE001 - the last place before the network: a stack trace must not leave
        _log.exception("unforeseen error in %s %s", request.method, request.match_info.route.resource)
        return error_response(500, "something went wrong on our side; the server's log tells more")


def _refusal(error: web.HTTPException) -> web.Response:
    """Return what the framework refuses by itself, in our shape."""
    if isinstance(error, web.HTTPRequestEntityTooLarge):
        return error_response(
            413,
            f"请求超过 {MAX_BODY // 1024 // 1024} MB：拆开再传，大文件在服务器上用 kuaihui import。 "
            f"the request is larger than {MAX_BODY // 1024 // 1024} MB: send less at once; large files go in with kuaihui import",
        )
    response = error_response(error.status, error.reason)
    if isinstance(error, web.HTTPMethodNotAllowed):
        response = error_response(
            405, f"{error.method} is not served here; {', '.join(sorted(error.allowed_methods))} is"
        )
        response.headers["Allow"] = ", ".join(sorted(error.allowed_methods))
    return response
