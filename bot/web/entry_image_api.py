"""Routes of the images that go with entries' replies."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from bot.domain.account import Right
from bot.web.answers import json_answer
from bot.web.authorisation import require_write, shop_of
from bot.web.images import image_answer, read_uploaded_image
from bot.web.route_table import SHOP, ApiRoute
from bot.web.state import SERVICES


async def put_entry_image(request: web.Request) -> web.Response:
    """Keep an image for the shop's entries: PNG, JPEG, WebP or GIF of at most 5 MB."""
    shop = shop_of(request)
    require_write(request)
    await request.app[SERVICES].shops.get_shop(shop)
    image = await read_uploaded_image(request)
    return json_answer({"id": await request.app[SERVICES].editor.put_image(shop, image)}, status=201)


async def get_entry_image(request: web.Request) -> web.Response:
    """Return an image of the shop's entries."""
    image = await request.app[SERVICES].editor.get_image(shop_of(request), request.match_info["entry_image"])
    return image_answer(image.media_type, image.content)


ENTRY_IMAGE_ROUTES: Final = (
    ApiRoute(
        "POST", f"{SHOP}/entry-images", put_entry_image, returns="NewImage", answers=(201,), right=Right.EDIT
    ),
    ApiRoute(
        "GET", f"{SHOP}/entry-images/{{entry_image}}", get_entry_image, returns="Image", right=Right.READ
    ),
)
"""The routes, for routes.py."""
