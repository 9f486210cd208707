"""The images that go with entries' replies: kept once each, as long as the shop, since history and sent messages name them."""

from __future__ import annotations

import hashlib
from typing import Final

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.ports import NotFound
from bot.storage import schema
from bot.storage.database import Database

_images: Final = schema.entry_images
_DIGITS: Final = 24


def image_id(content: bytes) -> str:
    """Return the id of an image: other content, another id. Those of conversations begin with another letter."""
    return f"e{hashlib.sha256(content).hexdigest()[:_DIGITS]}"


async def find_image(connection: AsyncConnection, image: str) -> tuple[str, bytes]:
    """Return media type and content of an image of the connection's shop. Raises NotFound."""
    query = select(_images.c.media_type, _images.c.content).where(_images.c.image_id == image)
    row = (await connection.execute(query)).one_or_none()
    if row is None:
        raise NotFound("there is no such image in this shop")
    return row.media_type, bytes(row.content)


class EntryImages:
    """The part of the EntryStore that keeps images."""

    _database: Database

    async def put_image(self, shop: str, media_type: str, content: bytes) -> str:
        image = image_id(content)
        row = {"shop_id": shop, "image_id": image, "media_type": media_type, "content": content}
        async with self._database.scope(shop) as connection:
            await connection.execute(insert(_images).values(row).on_conflict_do_nothing())
        return image

    async def get_image(self, shop: str, image: str) -> tuple[str, bytes]:
        async with self._database.scope(shop) as connection:
            return await find_image(connection, image)

    async def list_images(self, shop: str) -> set[str]:
        async with self._database.scope(shop) as connection:
            return set((await connection.scalars(select(_images.c.image_id))).all())
