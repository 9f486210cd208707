"""The buyer's chat page, the script that a shop puts into its own site, and the images of a conversation."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, Final

import aiohttp_jinja2
from aiohttp import hdrs, web

from bot.domain.conversation import MAX_MESSAGE_CHARACTERS
from bot.domain.networks import network_of
from bot.domain.shop import shop_id
from bot.ports import NotFound
from bot.services.chat_limits import IMAGE_BY_ADDRESS, IMAGE_BY_VISITOR, NEWCOMER_BY_ADDRESS, NEWCOMER_BY_SHOP
from bot.services.chatting import MessageRefused, Visitor, new_visitor
from bot.services.image_reading import MAX_IMAGE_BYTES, InvalidImage
from bot.web.addresses import client_address
from bot.web.answers import json_answer
from bot.web.authorisation import open_to_all
from bot.web.chat_live import serve_chat
from bot.web.chat_state import CHAT, ChatServices, bubble_data, refuse_other_origins
from bot.web.content_policy import content_policy
from bot.web.errors import ApiError
from bot.web.texts_chat import chat_texts

_WIDGET: Final = Path(__file__).parent / "pages" / "chat_widget.js"


def add_chat(app: web.Application, services: ChatServices) -> None:
    """Give the application the chat's routes; its sockets are closed when the application ends."""
    app[CHAT] = services
    app.router.add_route(hdrs.METH_GET, "/chat/{shop}", show_chat)
    app.router.add_route(hdrs.METH_GET, "/chat/{shop}/widget.js", serve_widget)
    app.router.add_route(hdrs.METH_GET, "/chat/{shop}/live", serve_chat)
    app.router.add_route(hdrs.METH_POST, "/chat/{shop}/images", send_image)
    app.router.add_route(hdrs.METH_GET, "/chat/{shop}/images/{image}", serve_image)
    app.on_shutdown.append(_close_sockets)


async def _close_sockets(app: web.Application) -> None:
    for socket in list(app[CHAT].sockets):
        await socket.close(code=1001, message=b"restarting")


@open_to_all
async def show_chat(request: web.Request) -> web.StreamResponse:
    """Return the page on which a buyer speaks with the shop."""
    chatting = request.app[CHAT].chatting
    front = await chatting.front(shop_id(request.match_info["shop"]))
    texts = chat_texts(request.query.get("lang"), request.headers.get("Accept-Language", ""))
    shop = front.shop
    other = "en" if texts["lang"] == "zh" else "zh"
    context: dict[str, Any] = {
        "texts": texts,
        "shop": shop,
        "name": shop.name_in(texts["lang"]),
        "limit": MAX_MESSAGE_CHARACTERS,
        "image_limit": MAX_IMAGE_BYTES,
        "embedded": request.query.get("embedded") == "1",
        "theme": request.query.get("theme") if request.query.get("theme") in ("light", "dark") else "",
        "other_language": str(request.rel_url.update_query({"lang": other})),
        "other": other,
    }
    response = aiohttp_jinja2.render_template("chat.html", request, context)
    ancestors = ("'self'", *await chatting.origins(shop.id))
    response.headers["Content-Security-Policy"] = content_policy(ancestors, images="data: blob:")
    return response


@cache
def _widget_code() -> str:
    return _WIDGET.read_text(encoding="utf-8")


@open_to_all
async def serve_widget(request: web.Request) -> web.Response:
    """Return the script for the shop's own site: a bubble that opens this page in a frame."""
    front = await request.app[CHAT].chatting.front(shop_id(request.match_info["shop"]))
    shop = front.shop
    told = {
        "id": shop.id,
        "name": shop.name,
        "name_en": shop.name_en or shop.name,
        "colour": shop.colour,
        "avatar": shop.avatar,
    }
    # ASCII only: nothing in a shop's name can end the line or the script.
    body = f"(() => {{\nconst SHOP = {json.dumps(told)};\n{_widget_code()}}})();\n"
    headers = {"Cache-Control": "public, max-age=300", "Cross-Origin-Resource-Policy": "cross-origin"}
    return web.Response(text=body, content_type="text/javascript", charset="utf-8", headers=headers)


def _visitor(request: web.Request) -> Visitor:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    visitor = new_visitor(shop_id(request.match_info["shop"]), token.strip())
    if scheme.lower() != "bearer" or visitor.token != token.strip():
        raise ApiError(401, "send the chat's token: Authorization: Bearer …")
    return visitor


@open_to_all
async def send_image(request: web.Request) -> web.Response:
    """Take an image (the body) from a buyer as a message; `key` in the query makes sending it twice harmless."""
    refuse_other_origins(request)
    visitor, chat = _visitor(request), request.app[CHAT]
    await chat.chatting.front(visitor.shop)
    await _hold_pace(request, visitor)
    content = await _read_bounded(request)
    try:
        bubble = await chat.chatting.show(visitor, content, request.query.get("key", ""))
    except InvalidImage as error:
        raise ApiError(422, str(error), {"image": str(error)}) from None
    except MessageRefused as error:
        raise ApiError(422, str(error), {"key": str(error)}) from None
    return json_answer({"message": bubble_data(bubble)}, status=201)


async def _hold_pace(request: web.Request, visitor: Visitor) -> None:
    chat, address = request.app[CHAT], network_of(client_address(request))
    wanted = [(IMAGE_BY_VISITOR, visitor.external_id), (IMAGE_BY_ADDRESS, address)]
    if not await chat.chatting.is_known(visitor):
        wanted += [(NEWCOMER_BY_ADDRESS, address), (NEWCOMER_BY_SHOP, visitor.shop)]
    if wait := chat.limits.take(*wanted):
        raise ApiError(429, f"too many images; wait {wait:.0f} seconds", {"retry_after": f"{wait:.1f}"})


async def _read_bounded(request: web.Request) -> bytes:
    """Read the body, and no more of it than an image may have."""
    content = bytearray()
    async for chunk in request.content.iter_chunked(64 * 1024):
        content += chunk
        if len(content) > MAX_IMAGE_BYTES:
            size = MAX_IMAGE_BYTES // 1024 // 1024
            raise ApiError(
                413,
                f"图片超过 {size} MB，请压缩后再发。 the image is larger than {size} MB; send a smaller one",
            )
    return bytes(content)


@open_to_all
async def serve_image(request: web.Request) -> web.Response:
    """Return an image of the buyer's own conversation. To any other token it does not exist."""
    visitor = _visitor(request)
    image = request.match_info["image"]
    if not image.isascii() or len(image) > 64:
        raise NotFound("there is no such image here")
    media_type, content = await request.app[CHAT].chatting.image(visitor, image)
    return web.Response(
        body=content,
        content_type=media_type,
        headers={"Content-Disposition": "inline", "Content-Security-Policy": "default-src 'none'; sandbox"},
    )
