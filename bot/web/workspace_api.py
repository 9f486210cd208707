"""The workspace's own routes: the queue over one's shops, search, the guard, policies, presence."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from aiohttp import web

from bot.domain.account import Right, ShopScope
from bot.domain.conversation import STATES
from bot.domain.masking import mask_text
from bot.services.workspace import Workspace
from bot.services.workspace_data import guard_data, message_data, moment_data, policy_data
from bot.web.answers import json_answer
from bot.web.authorisation import caller_of, shop_of
from bot.web.bodies import read_body
from bot.web.errors import ApiError
from bot.web.live_hub import HUB, QUEUE_LIMIT, QUEUE_STATES
from bot.web.state import SERVICES
from bot.web.workspace_bodies import GuardBody, PolicyBody, PresenceBody

MAX_WORKSPACE_BODY: Final = 256 * 1024
_LONGEST_QUERY: Final = 100
_FOUND: Final = 50
_HEARD: Final = 30


def workspace_of(request: web.Request) -> Workspace:
    """Return the use cases of the workspace."""
    return request.app[HUB].workspace


async def get_queue(request: web.Request) -> web.Response:
    """List the conversations of all my shops, who must be answered first at the top."""
    workspace, caller = workspace_of(request), caller_of(request)
    asked = request.query.get("states", ",".join(QUEUE_STATES)).split(",")
    if unknown := [state for state in asked if state not in STATES]:
        raise ApiError(
            422, f"states: some of {', '.join(STATES)}", {"states": f"unknown: {unknown[0][:40]!r}"}
        )
    scope = ShopScope.of(caller, Right.READ, workspace.clock.now())
    # The numbers first: what happens while the queue is read comes again, nothing is missed.
    feeds = await workspace.store.feed_numbers(sorted(scope.shops))
    rows = await workspace.store.queue(scope, asked, QUEUE_LIMIT)
    hub = request.app[HUB]
    return json_answer(
        {
            "conversations": [await hub.conversation_row(shop, conversation) for shop, conversation in rows],
            "server_time": moment_data(workspace.clock.now()),
            "feeds": dict(feeds),
        }
    )


async def search(request: web.Request) -> web.Response:
    """Find messages in all my shops; each row carries its shop, masked where I may not export."""
    workspace, caller = workspace_of(request), caller_of(request)
    text = _query(request)
    scope = ShopScope.of(caller, Right.READ, workspace.clock.now())
    whole = caller.shops_with(Right.EXPORT, workspace.clock.now())
    found = await workspace.store.search_messages(scope, text, _FOUND) if text else []
    buyers = {
        key: await workspace.store.get_buyer(*key) for key in {(each.shop, each.buyer) for each in found}
    }
    rows = [
        {
            "shop": each.shop,
            "conversation": each.conversation,
            "buyer": {"id": each.buyer, "name": buyers[each.shop, each.buyer].name},
            "message": message_data(
                each.message
                if each.shop in whole
                else replace(each.message, text=mask_text(each.message.text)),
                await workspace.colleagues.names(each.shop, each.message.account),
            ),
        }
        for each in found
    ]
    return json_answer({"found": rows})


def _query(request: web.Request) -> str:
    text = request.query.get("q", "").replace("\0", "").strip()
    if len(text) > _LONGEST_QUERY:
        raise ApiError(422, "q: too long", {"q": f"at most {_LONGEST_QUERY} characters"})
    return text


async def check_text(request: web.Request) -> web.Response:
    """Say what in a text does not belong to this shop, or must not be said."""
    workspace, shop = workspace_of(request), shop_of(request, Right.ANSWER)
    body = await read_body(request, GuardBody, limit=MAX_WORKSPACE_BODY)
    heard: list[str] = []
    if body.conversation:
        said = await workspace.store.list_messages(shop, body.conversation, _HEARD)
        heard = [message.text for message in said if message.author == "buyer"]
    result = await workspace.outbox.check(caller_of(request), shop, body.text, heard)
    return json_answer(guard_data(result))


async def get_policy(request: web.Request) -> web.Response:
    """Return the shop's rules of service."""
    policy = await workspace_of(request).store.get_policy(shop_of(request, Right.READ))
    return json_answer(policy_data(policy))


async def put_policy(request: web.Request) -> web.Response:
    """Write the shop's rules of service, all of them."""
    workspace, shop = workspace_of(request), shop_of(request, Right.SET_POLICY)
    body = await read_body(request, PolicyBody, limit=MAX_WORKSPACE_BODY)
    await request.app[SERVICES].settings.set_policy(shop, body.to_policy(), caller_of(request).account)
    workspace.manners.forget(shop)
    workspace.guard.forget_policy(shop)
    return json_answer(policy_data(await workspace.store.get_policy(shop)))


async def put_presence(request: web.Request) -> web.Response:
    """Say how I am there: online, at pause, away."""
    body = await read_body(request, PresenceBody, limit=MAX_WORKSPACE_BODY)
    await request.app[HUB].presence.put(caller_of(request).account.id, body.state)
    return web.Response(status=204)
