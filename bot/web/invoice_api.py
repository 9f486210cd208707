"""Routes of a shop's requests for invoices: looked through, settled, given out as a table."""

from __future__ import annotations

from typing import Annotated, Any, Final

from aiohttp import web
from pydantic import BeforeValidator, Field, WithJsonSchema

from bot.domain.account import Right
from bot.domain.invoices import RequestState
from bot.services.auditing import EXPORTED
from bot.services.invoice_requests import InvoiceRequests, invoice_data
from bot.web.answers import json_answer
from bot.web.authorisation import SIGNED_IN, author_of, caller_of, require_write, shop_of
from bot.web.bodies import Body, read_body
from bot.web.errors import ApiError
from bot.web.openapi_shapes import BOOL, TEXT, WHOLE, list_of, object_of, or_null
from bot.web.queries import number_in
from bot.web.record_routes import FILE
from bot.web.route_table import SHOP, ApiRoute
from bot.web.state import SERVICES

_MOST: Final = 200
_STATES: Final = tuple(str(state) for state in RequestState)
_FORMATS: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def _state(value: Any) -> Any:
    if value not in _STATES:
        raise ValueError(f"one of {', '.join(_STATES)}")
    return value


class InvoiceStateBody(Body):
    """What became of a request; `note` is for the shop's people alone."""

    state: Annotated[str, BeforeValidator(_state), WithJsonSchema({"type": "string", "enum": list(_STATES)})]
    note: Annotated[str, Field(max_length=500)] = ""


def _requests(request: web.Request) -> InvoiceRequests:
    return request.app[SERVICES].invoices


def _states_in(request: web.Request) -> list[RequestState]:
    """Return the states of the query, all without any. Raises ApiError."""
    asked = [each for each in request.query.get("state", "").split(",") if each]
    if unknown := [each for each in asked if each not in _STATES]:
        known = f"one of {', '.join(_STATES)}"
        raise ApiError(422, f"state {unknown[0]} is unknown", {"state": known})
    return [RequestState(each) for each in asked or _STATES]


async def list_invoice_requests(request: web.Request) -> web.Response:
    """Return requests for invoices, newest first (?state=new,issued&start=0&limit=50)."""
    shop = shop_of(request, Right.READ)
    start, limit = number_in(request, "start", 0), min(number_in(request, "limit", 50), _MOST)
    page = await _requests(request).page(shop, _states_in(request), start, limit)
    return json_answer({"requests": [invoice_data(each) for each in page.requests], "total": page.total})


async def get_invoice_request(request: web.Request) -> web.Response:
    """Return one request for an invoice."""
    shop = shop_of(request, Right.READ)
    return json_answer(invoice_data(await _requests(request).get(shop, request.match_info["request"])))


async def settle_invoice_request(request: web.Request) -> web.Response:
    """Say what became of a request; one that is settled becomes `new` before it is settled otherwise (409)."""
    shop = shop_of(request, Right.ANSWER)
    if SIGNED_IN not in request:
        require_write(request)
    body = await read_body(request, InvoiceStateBody)
    settled = await _requests(request).settle(
        shop, request.match_info["request"], RequestState(body.state), body.note, author_of(request)
    )
    return json_answer(invoice_data(settled))


async def export_invoice_requests(request: web.Request) -> web.Response:
    """Return requests for invoices as a file (?format=csv or xlsx, ?state=new); the audit log says so first."""
    shop = shop_of(request, Right.EXPORT)
    kind = request.query.get("format", "csv")
    if kind not in _FORMATS:
        raise ApiError(422, "format is unknown", {"format": f"one of {', '.join(_FORMATS)}"})
    states = _states_in(request)
    auditor = request.app[SERVICES].auditor
    await auditor.record(EXPORTED, caller_of(request).account, subject="invoice-requests", shop=shop)
    content = await _requests(request).export(shop, states, kind)
    headers = {
        "Content-Type": _FORMATS[kind],
        "Content-Disposition": f'attachment; filename="{shop}-invoices.{kind}"',
        "Cache-Control": "no-store",
    }
    return web.Response(body=content, headers=headers)


_STATE: Final = {"type": "string", "enum": list(_STATES)}
_DETAILS: Final = {
    "type": "object",
    "properties": {
        **dict.fromkeys(
            ("type", "medium", "heading", "tax_number", "email", "send_to", "order_no", "address", "phone", "bank",
             "account", "content", "amount"),
            TEXT,
        ),
        "is_person": BOOL,
    },
}  # fmt: skip
INVOICE_RESPONSES: Final[dict[str, dict[str, Any]]] = {
    "InvoiceRequest": object_of(
        id=TEXT, conversation=TEXT, buyer=TEXT, state=_STATE, details=_DETAILS, order_is_proven=BOOL, created_at=TEXT,
        changed_at=or_null(TEXT), changed_by=TEXT, note=TEXT,
    ),
    "InvoiceRequests": object_of(requests=list_of("InvoiceRequest"), total=WHOLE),
}  # fmt: skip
_ALL: Final = f"{SHOP}/invoice-requests"
_ONE: Final = f"{_ALL}/{{request}}"
INVOICE_ROUTES: Final = (
    ApiRoute("GET", _ALL, list_invoice_requests, returns="InvoiceRequests", right=Right.READ),
    ApiRoute("GET", _ONE, get_invoice_request, returns="InvoiceRequest", right=Right.READ),
    ApiRoute(
        "PUT",
        _ONE,
        settle_invoice_request,
        InvoiceStateBody,
        "InvoiceRequest",
        (200, 409),
        right=Right.ANSWER,
    ),
    ApiRoute("GET", f"{_ALL}-export", export_invoice_requests, returns=FILE, needs=Right.EXPORT),
)
"""The routes, for routes.py."""
