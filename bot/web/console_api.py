"""Routes of the owner's page of entries: finding them, showing them filled, and trying messages on an unsaved edit."""

from __future__ import annotations

from typing import Any, Final

from aiohttp import web

from bot.domain.account import Right
from bot.domain.entry import STATUSES
from bot.domain.facts import Order, Product
from bot.domain.intents import GROUPS
from bot.services.entry_console import EntryConsole
from bot.services.entry_finding import DRAFTS, ENDINGS, USES, EntryQuery
from bot.services.entry_previewing import Rendering
from bot.services.entry_trying import Trial
from bot.services.entry_use import EntryUse
from bot.services.rendering import entry_data, result_data
from bot.services.workspace_data import guard_data
from bot.web.answers import json_answer
from bot.web.authorisation import caller_of, shop_of
from bot.web.bodies import MAX_MESSAGE_BODY, read_body
from bot.web.console_bodies import PreviewBody, TrialBody
from bot.web.entry_draft_api import DRAFT_RESPONSES, DRAFT_ROUTES
from bot.web.entry_warning_api import WARNING_RESPONSES, WARNING_ROUTES
from bot.web.errors import ApiError
from bot.web.openapi_shapes import BOOL, NUMBER, TEXT, TEXTS, WHOLE, list_of, object_of, or_null, ref
from bot.web.queries import number_in
from bot.web.route_table import SHOP, ApiRoute
from bot.web.state import SERVICES

_LONGEST_QUERY: Final = 100
_MOST: Final = 100


def _console(request: web.Request) -> EntryConsole:
    return request.app[SERVICES].console


async def find_entries(request: web.Request) -> web.Response:
    """Find entries (?q=&group=&status=&ending=ending|ended&draft=edited|review&use=unused|unsure&start=&limit=)."""
    shop = shop_of(request, Right.EDIT)
    query = EntryQuery(
        request.query.get("q", "")[:_LONGEST_QUERY],
        _one_of(request, "group", GROUPS),
        _one_of(request, "status", STATUSES),
        _one_of(request, "ending", ENDINGS),
        _one_of(request, "draft", DRAFTS),
        _one_of(request, "use", USES),
        number_in(request, "start", 0),
        min(number_in(request, "limit", 50), _MOST),
    )
    found = await _console(request).finder.find(shop, query)
    asked = (query.use,) if query.use else ()
    counts = {name: found.counts.get(name, 0) for name in (*STATUSES, *ENDINGS, *DRAFTS, *asked)}
    ids = {entry.id for entry in found.entries}
    return json_answer(
        {
            "entries": [entry_data(entry) for entry in found.entries],
            "total": found.total,
            "counts": counts,
            "drafts": {name: kind for name, kind in found.drafts.items() if name in ids},
            "uses": {name: _use_data(use) for name, use in found.uses.items()},
        }
    )


def _use_data(use: EntryUse) -> dict[str, Any]:
    mean = None if use.mean is None else round(use.mean, 4)
    return {"first": use.first, "used": use.used, "confidence": mean}


def _one_of(request: web.Request, name: str, known: tuple[str, ...]) -> str:
    given = request.query.get(name, "")
    if given and given not in known:
        raise ApiError(422, f"{name}: one of {', '.join(known)}", {name: f"one of {', '.join(known)}"})
    return given


async def get_material(request: web.Request) -> web.Response:
    """Return products and newest orders of the shop that a preview can speak about; nothing of the orders' buyers."""
    shop = shop_of(request, Right.EDIT)
    material = await _console(request).previews.material(shop)
    return json_answer(
        {
            "products": [_product_data(product) for product in material.products],
            "orders": [_order_data(order) for order in material.orders],
        }
    )


def _product_data(product: Product) -> dict[str, Any]:
    variants = [
        {"sku": variant.sku, "name": " ".join(variant.options.values()) or variant.sku}
        for variant in product.variants
    ]
    return {"id": product.id, "title": product.title, "category": product.category, "variants": variants}


def _order_data(order: Order) -> dict[str, Any]:
    return {"order_no": order.order_no, "status": order.status, "items": list(order.items)}


async def preview_entry(request: web.Request) -> web.Response:
    """Show an entry's texts filled with the shop's facts, saved or not, with what the guard says of each."""
    shop = shop_of(request, Right.EDIT)
    body = await read_body(request, PreviewBody, limit=MAX_MESSAGE_BODY)
    preview = await _console(request).previews.preview(shop, body.entry.to_entry(), body.about())
    outbox, caller = request.app[SERVICES].workspace.outbox, caller_of(request)
    texts = [
        {**_rendering_data(each), "guard": guard_data(await outbox.check(caller, shop, each.text))}
        for each in preview.renderings
    ]
    return json_answer({"texts": texts, "said": preview.said, "case": preview.case})


def _rendering_data(rendering: Rendering) -> dict[str, Any]:
    facts = [
        {"name": f.name, "value": f.value, "source": f.source, "as_of": f.as_of, "stale": f.stale}
        for f in rendering.facts
    ]
    return {
        "name": rendering.name, "text": rendering.text, "missing": list(rendering.missing), "facts": facts,
    }  # fmt: skip


async def try_message(request: web.Request) -> web.Response:
    """Answer a message as a buyer's, and again with an edit that nobody has saved. Nothing of it is logged or learned."""
    shop = shop_of(request, Right.EDIT)
    body = await read_body(request, TrialBody, limit=MAX_MESSAGE_BODY)
    edit = None
    if body.entry is not None:
        [edit] = await request.app[SERVICES].editor.check(shop, [body.entry])
    now, edited = await _console(request).trials.try_message(body.to_request(shop), edit)
    return json_answer({**_trial_data(now), "with_edit": _trial_data(edited) if edited else None})


def _trial_data(trial: Trial) -> dict[str, Any]:
    standings = [
        {
            "entry": each.entry, "question": each.question, "confidence": round(each.confidence, 4),
            "word_for_word": each.word_for_word,
        }
        for each in trial.standings
    ]  # fmt: skip
    threshold = round(trial.threshold, 4) if trial.threshold <= 1 else None
    return {**result_data(trial.result), "standings": standings, "threshold": threshold}


_TRIAL: Final = {
    "allOf": [
        ref("SuggestionResult"),
        object_of(
            threshold=or_null(NUMBER),
            standings=list_of(object_of(entry=TEXT, question=TEXT, confidence=NUMBER, word_for_word=BOOL)),
        ),
    ]
}
CONSOLE_RESPONSES: Final[dict[str, dict[str, Any]]] = {
    "FoundEntries": object_of(
        entries=list_of("Entry"), total=WHOLE,
        counts={"type": "object", "additionalProperties": WHOLE},
        drafts={"type": "object", "additionalProperties": {"type": "string", "enum": list(DRAFTS)}},
        uses={"type": "object", "additionalProperties": object_of(first=WHOLE, used=WHOLE, confidence=or_null(NUMBER))},
    ),
    "Material": object_of(
        products=list_of(object_of(
            id=TEXT, title=TEXT, category=TEXT, variants=list_of(object_of(sku=TEXT, name=TEXT)),
        )),
        orders=list_of(object_of(order_no=TEXT, status=TEXT, items=TEXTS)),
    ),
    "Preview": object_of(
        said=or_null(TEXT), case=TEXT,
        texts=list_of(object_of(
            name=TEXT, text=TEXT, missing=TEXTS, guard=ref("GuardResult"),
            facts=list_of(object_of(name=TEXT, value=TEXT, source=TEXT, as_of=TEXT, stale=BOOL)),
        )),
    ),
    "OneTrial": _TRIAL,
    "Trial": {"allOf": [ref("OneTrial"), object_of(with_edit=or_null(ref("OneTrial")))]},
    **WARNING_RESPONSES,
    **DRAFT_RESPONSES,
}  # fmt: skip

CONSOLE_ROUTES: Final = (
    ApiRoute("GET", f"{SHOP}/entry-search", find_entries, returns="FoundEntries", needs=Right.EDIT),
    ApiRoute("GET", f"{SHOP}/entry-material", get_material, returns="Material", needs=Right.EDIT),
    ApiRoute("POST", f"{SHOP}/entries/preview", preview_entry, PreviewBody, "Preview", needs=Right.EDIT),
    ApiRoute("POST", f"{SHOP}/entries/try", try_message, TrialBody, "Trial", needs=Right.EDIT),
    *WARNING_ROUTES,
    *DRAFT_ROUTES,
)
"""The routes, for routes.py."""
