"""Routes of one conversation: everything about it, and what an agent does with it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from aiohttp import web

from bot.domain.account import Right
from bot.domain.channels import Delivery, channel_of
from bot.domain.conversation import Conversation, Message
from bot.ports import NotFound
from bot.services.buyer_cards import orders_of, shop_card
from bot.services.rendering import order_data
from bot.services.workspace_data import (
    buyer_data,
    card_data,
    colleague_data,
    decision_data,
    hand_over_data,
    messages_data,
    note_data,
    suggestions_data,
)
from bot.web.answers import json_answer
from bot.web.authorisation import caller_of, shop_of
from bot.web.bodies import MAX_MESSAGE_BODY, ReactionBody, read_body
from bot.web.errors import ApiError
from bot.web.images import image_answer, read_uploaded_image
from bot.web.live_hub import HUB
from bot.web.workspace_api import MAX_WORKSPACE_BODY, workspace_of
from bot.web.workspace_bodies import AsideBody, DraftBody, HandOverBody, NoteBody, TagsBody

_PAGE: Final = 60
_EARLIER: Final = 10
_DECISIONS: Final = 50
_HAND_OVERS: Final = 3
_NUMBER: Final = re.compile(r"[0-9]{1,9}")


def _place(request: web.Request, right: Right) -> tuple[str, str]:
    return shop_of(request, right), request.match_info["conversation"]


async def get_conversation(request: web.Request) -> web.Response:
    """Return the conversation with its messages, notes, my draft, its buyer, the shop's card and my colleagues."""
    workspace, (shop, conversation) = workspace_of(request), _place(request, Right.READ)
    live, manners = await workspace.live_shops.get(shop), await workspace.manners.of(shop)
    async with workspace.store.reading(shop):
        found, messages = await workspace.store.read_thread(shop, conversation, _PAGE)
        notes = await workspace.store.list_notes(shop, conversation)
        earlier = await workspace.store.buyer_conversations(shop, found.buyer.id, _EARLIER + 1)
        orders = await orders_of(workspace.facts, shop, found.buyer, messages)
        draft = await workspace.store.get_draft(shop, conversation, caller_of(request).account.id)
        held = await _held_data(request, shop, conversation)
        deliveries = await _deliveries_of(request, shop, found, messages)
        decisions = await workspace.turns.list_decisions(shop, conversation, _DECISIONS)
        hand_overs = await workspace.turns.list_hand_overs(shop, conversation, _HAND_OVERS)
    names = await workspace.colleagues.names(shop, *(message.account for message in messages))
    viewed = live.snapshot.products.get(found.buyer.viewed) or next(
        (
            each
            for each in live.snapshot.products.values()
            if found.buyer.viewed and each.item_id == found.buyer.viewed
        ),
        None,
    )
    now = workspace.clock.now()
    row = request.app[HUB].conversation_row
    return json_answer(
        {
            "conversation": await row(shop, found),
            "messages": messages_data(messages, names, deliveries),
            "notes": [note_data(note, names) for note in notes],
            "draft": draft,
            "held": held,
            "buyer": {
                **buyer_data(found.buyer),
                "orders": [order_data(order) for order in orders],
                "viewed_product": {
                    "id": viewed.id, "title": viewed.title, "item_id": viewed.item_id, "url": viewed.url,
                    "price": float(viewed.price) if viewed.price is not None else None,
                } if viewed else None,
                "earlier": [await row(shop, each) for each in earlier if each.id != conversation],
            },
            "shop_card": card_data(shop_card(live, manners.policy, now)),
            "colleagues": [
                colleague_data(each) for each in await workspace.colleagues.present_in(shop, now)
            ],
            "decisions": [decision_data(each) for each in decisions],
            "hand_overs": [hand_over_data(each) for each in hand_overs],
        }
    )  # fmt: skip


async def _held_data(request: web.Request, shop: str, conversation: str) -> list[dict[str, Any]]:
    """Return my messages that still wait: a page that was reloaded can take them back."""
    me = caller_of(request).account.id
    held = await workspace_of(request).store.held_of(shop, conversation)
    return [
        {"key": each.message.key, "text": each.message.text, "until": each.due_at.isoformat()}
        for each in held
        if each.message.account == me
    ]


async def list_messages(request: web.Request) -> web.Response:
    """List the messages before a number, oldest first."""
    workspace, (shop, conversation) = workspace_of(request), _place(request, Right.READ)
    given = request.query.get("before")
    if given is not None and not _NUMBER.fullmatch(given):
        raise ApiError(422, "before: the number of a message", {"before": "must be a whole number"})
    before = int(given) if given is not None else None
    async with workspace.store.reading(shop):
        found = await workspace.store.get_conversation(shop, conversation)
        messages = await workspace.store.list_messages(shop, conversation, _PAGE, before)
        deliveries = await _deliveries_of(request, shop, found, messages)
    names = await workspace.colleagues.names(shop, *(message.account for message in messages))
    return json_answer({"messages": messages_data(messages, names, deliveries)})


async def _deliveries_of(
    request: web.Request, shop: str, conversation: Conversation, messages: Sequence[Message]
) -> list[Delivery]:
    """Return how far these messages are on their way; nothing for a conversation of our own chat."""
    if channel_of(conversation.buyer) is None:
        return []
    numbers = [message.number for message in messages]
    return await workspace_of(request).channels.deliveries_of(shop, conversation.id, numbers)


def _takes_over(request: web.Request) -> bool:
    """Whether I mean it although a colleague holds the conversation (?take_over=1): for those who assign."""
    if request.query.get("take_over") != "1":
        return False
    shop_of(request, Right.ASSIGN)
    return True


async def take(request: web.Request) -> web.Response:
    """Take the conversation; 409 when a colleague holds it, unless ?take_over=1."""
    workspace, (shop, conversation) = workspace_of(request), _place(request, Right.ANSWER)
    me = caller_of(request).account.id
    taken = await workspace.conversing.take(shop, conversation, me, take_over=_takes_over(request))
    return json_answer(await request.app[HUB].conversation_row(shop, taken))


async def close(request: web.Request) -> web.Response:
    """Close the conversation."""
    workspace, (shop, conversation) = workspace_of(request), _place(request, Right.ANSWER)
    me = caller_of(request).account.id
    closed = await workspace.conversing.close(shop, conversation, me, take_over=_takes_over(request))
    return json_answer(await request.app[HUB].conversation_row(shop, closed))


async def reopen(request: web.Request) -> web.Response:
    """Open the conversation again; 409 when its buyer has a newer one."""
    workspace, (shop, conversation) = workspace_of(request), _place(request, Right.ANSWER)
    opened = await workspace.conversing.reopen(shop, conversation, caller_of(request).account.id)
    return json_answer(await request.app[HUB].conversation_row(shop, opened))


async def mark_read(request: web.Request) -> web.Response:
    """Say that I read it."""
    workspace, (shop, conversation) = workspace_of(request), _place(request, Right.ANSWER)
    read = await workspace.conversing.mark_read(shop, conversation, caller_of(request).account.id)
    return json_answer(await request.app[HUB].conversation_row(shop, read))


async def hand_over(request: web.Request) -> web.Response:
    """Hand the conversation to a colleague, or back to the queue."""
    workspace, (shop, conversation) = workspace_of(request), _place(request, Right.ANSWER)
    body = await read_body(request, HandOverBody, limit=MAX_WORKSPACE_BODY)
    me, takes_over = caller_of(request).account.id, _takes_over(request)
    handed = await workspace.conversing.hand_over(shop, conversation, me, body.to, take_over=takes_over)
    return json_answer(await request.app[HUB].conversation_row(shop, handed))


async def put_aside(request: web.Request) -> web.Response:
    """Put the conversation aside until a time; a new message of the buyer brings it back before."""
    workspace, (shop, conversation) = workspace_of(request), _place(request, Right.ANSWER)
    body = await read_body(request, AsideBody, limit=MAX_WORKSPACE_BODY)
    me, takes_over = caller_of(request).account.id, _takes_over(request)
    try:
        put = await workspace.conversing.put_aside(shop, conversation, me, body.until, take_over=takes_over)
    except ValueError as error:
        raise ApiError(422, str(error), {"until": str(error)}) from None
    return json_answer(await request.app[HUB].conversation_row(shop, put))


async def add_note(request: web.Request) -> web.Response:
    """Write a note that only colleagues of the shop see."""
    workspace, (shop, conversation) = workspace_of(request), _place(request, Right.ANSWER)
    body = await read_body(request, NoteBody, limit=MAX_WORKSPACE_BODY)
    account = caller_of(request).account
    note = await workspace.conversing.add_note(shop, conversation, account.id, body.text)
    return json_answer(note_data(note, {account.id: account.name}), status=201)


async def put_tags(request: web.Request) -> web.Response:
    """Write the buyer's tags, all of them."""
    workspace, (shop, conversation) = workspace_of(request), _place(request, Right.ANSWER)
    body = await read_body(request, TagsBody, limit=MAX_WORKSPACE_BODY)
    return json_answer(buyer_data(await workspace.conversing.set_tags(shop, conversation, body.tags)))


async def put_draft(request: web.Request) -> web.Response:
    """Keep what I have typed so far."""
    workspace, (shop, conversation) = workspace_of(request), _place(request, Right.ANSWER)
    body = await read_body(request, DraftBody, limit=MAX_WORKSPACE_BODY)
    await workspace.store.get_conversation(shop, conversation)
    await workspace.store.put_draft(shop, conversation, caller_of(request).account.id, body.text)
    return web.Response(status=204)


async def put_image(request: web.Request) -> web.Response:
    """Keep an image to be sent in this conversation: PNG, JPEG, WebP or GIF of at most 5 MB."""
    workspace, (shop, conversation) = workspace_of(request), _place(request, Right.ANSWER)
    await workspace.store.get_conversation(shop, conversation)
    image = await read_uploaded_image(request)
    kept = await workspace.store.put_image(shop, conversation, image.media_type, image.content)
    return json_answer({"id": kept}, status=201)


async def get_image(request: web.Request) -> web.Response:
    """Return an image of one of the shop's conversations."""
    shop = shop_of(request, Right.READ)
    media_type, content, _ = await workspace_of(request).store.get_image(shop, request.match_info["image"])
    return image_answer(media_type, content)


async def get_suggestions(request: web.Request) -> web.Response:
    """Suggest replies for what the buyer said and nobody answered yet."""
    shop, conversation = _place(request, Right.ANSWER)
    return json_answer(suggestions_data(await workspace_of(request).suggester.suggest(shop, conversation)))


async def react_in_conversation(request: web.Request) -> web.Response:
    """Tell what became of a suggestion in this conversation."""
    workspace, (shop, conversation) = workspace_of(request), _place(request, Right.ANSWER)
    body = await read_body(request, ReactionBody, limit=MAX_MESSAGE_BODY)
    if body.conversation not in ("", conversation):
        raise NotFound("the body names another conversation than the address")
    await workspace.store.get_conversation(shop, conversation)
    about = body.model_copy(update={"conversation": conversation})
    await workspace.reactions.react(about.to_request(shop, request.match_info["suggestion"]))
    return web.Response(status=204)
