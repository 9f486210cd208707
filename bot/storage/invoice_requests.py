"""Requests for invoices, in PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from bot.domain.invoice_data import details_data, details_of
from bot.domain.invoices import InvoiceRequest, RequestState, after_change
from bot.ports import Conflict, NotFound
from bot.ports.invoice_requests import InvoicePage
from bot.storage.database import Database
from bot.storage.schema_conversations import conversations
from bot.storage.schema_invoices import invoice_requests as table


class PostgresInvoiceRequests:
    """The InvoiceRequestStore of bot.ports.invoice_requests."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put_request(self, shop: str, request: InvoiceRequest) -> tuple[InvoiceRequest, bool]:
        kept = upsert(table).values(shop_id=shop, **_columns(request)).on_conflict_do_nothing()
        here = select(conversations.c.conversation_id).where(
            conversations.c.conversation_id == request.conversation
        )
        async with self._database.scope(shop) as connection:
            if await connection.scalar(here) is None:
                raise NotFound("there is no such conversation in this shop")
            written = await connection.execute(kept.returning(table.c.request_id))
            is_new = written.one_or_none() is not None
            row = (await connection.execute(select(table).where(table.c.request_id == request.id))).one()
        return _request(row), is_new

    async def get_request(self, shop: str, request: str) -> InvoiceRequest:
        async with self._database.scope(shop) as connection:
            row = (await connection.execute(select(table).where(table.c.request_id == request))).one_or_none()
        if row is None:
            raise NotFound("there is no such request in this shop")
        return _request(row)

    async def page_of_requests(
        self, shop: str, states: Sequence[RequestState], start: int, limit: int
    ) -> InvoicePage:
        wanted = table.c.state.in_([str(state) for state in states])
        newest = select(table).where(wanted).order_by(table.c.created_at.desc(), table.c.request_id.desc())
        async with self._database.scope(shop) as connection:
            total = await connection.scalar(select(func.count()).select_from(table).where(wanted))
            rows = (await connection.execute(newest.offset(start).limit(limit))).all()
        return InvoicePage([_request(row) for row in rows], total or 0)

    async def requests_of(self, shop: str, conversation: str) -> Sequence[InvoiceRequest]:
        own = select(table).where(table.c.conversation_id == conversation)
        async with self._database.scope(shop) as connection:
            rows = (await connection.execute(own.order_by(table.c.created_at, table.c.request_id))).all()
        return [_request(row) for row in rows]

    async def change_request(
        self, shop: str, request: str, state: RequestState, note: str, by: str, at: datetime
    ) -> InvoiceRequest:
        one = table.c.request_id == request
        async with self._database.scope(shop) as connection:
            row = (await connection.execute(select(table).where(one).with_for_update())).one_or_none()
            if row is None:
                raise NotFound("there is no such request in this shop")
            after = after_change(_request(row), state, note, by, at)
            if after is None:
                raise Conflict(f"the request is {row.state}: make it new before it becomes {state}")
            values = _columns(after)
            await connection.execute(update(table).where(one).values(values))
        return after


def _columns(request: InvoiceRequest) -> dict[str, Any]:
    return {
        "request_id": request.id,
        "conversation_id": request.conversation,
        "buyer_id": request.buyer,
        "state": str(request.state),
        "details": details_data(request.details),
        "order_is_proven": request.order_is_proven,
        "created_at": request.created_at,
        "changed_at": request.changed_at,
        "changed_by": request.changed_by,
        "note": request.note,
    }


def _request(row: Row[Any]) -> InvoiceRequest:
    return InvoiceRequest(
        row.request_id, row.conversation_id, row.buyer_id, details_of(row.details), row.created_at,
        RequestState(row.state), row.order_is_proven, row.changed_at, row.changed_by, row.note,
    )  # fmt: skip
