"""Notes, drafts, images, own phrases and the policy of a shop, in PostgreSQL."""

from __future__ import annotations

import secrets
from typing import Final

from sqlalchemy import delete, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert

from bot.domain.conversation import Note
from bot.domain.service_policy import ServicePolicy
from bot.ports import NotFound, Phrase
from bot.storage import schema_conversations as schema
from bot.storage.conversation_rows import policy_row, read_note, read_phrase, read_policy
from bot.storage.database import Database
from bot.storage.entry_images import find_image
from bot.storage.feeds import tell_happening
from bot.storage.writing import bump_version

_conversations: Final = schema.conversations
_messages: Final = schema.messages
_notes: Final = schema.notes
_drafts: Final = schema.drafts
_images: Final = schema.images
_phrases: Final = schema.own_phrases
_policies: Final = schema.service_policies


class ConversationExtras:
    """The part of the ConversationStore around the messages."""

    _database: Database

    async def add_note(self, shop: str, conversation: str, note: Note) -> None:
        row = {
            "shop_id": shop,
            "conversation_id": conversation,
            "note_id": note.id,
            "account": note.account,
            "text": note.text,
            "at": note.at,
        }
        line = {"id": note.id, "account": note.account, "text": note.text, "at": note.at.isoformat()}
        async with self._database.scope(shop) as connection:
            await connection.execute(insert(_notes).values(row))
            await tell_happening(connection, shop, conversation, "note", line)

    async def list_notes(self, shop: str, conversation: str) -> list[Note]:
        query = (
            select(_notes)
            .where(_notes.c.conversation_id == conversation)
            .order_by(_notes.c.at, _notes.c.note_id)
        )
        async with self._database.scope(shop) as connection:
            return [read_note(row) for row in (await connection.execute(query)).mappings()]

    async def put_draft(self, shop: str, conversation: str, account: str, text: str) -> None:
        row = {"shop_id": shop, "conversation_id": conversation, "account": account, "text": text}
        own = (_drafts.c.conversation_id == conversation) & (_drafts.c.account == account)
        kept = upsert(_drafts).values(row)
        kept = kept.on_conflict_do_update(
            index_elements=["shop_id", "conversation_id", "account"], set_={"text": text}
        )
        async with self._database.scope(shop) as connection:
            await connection.execute(kept if text else delete(_drafts).where(own))

    async def get_draft(self, shop: str, conversation: str, account: str) -> str:
        query = select(_drafts.c.text).where(
            _drafts.c.conversation_id == conversation, _drafts.c.account == account
        )
        async with self._database.scope(shop) as connection:
            return await connection.scalar(query) or ""

    async def put_image(self, shop: str, conversation: str, media_type: str, content: bytes) -> str:
        row = {
            "shop_id": shop,
            "image_id": f"i{secrets.token_hex(12)}",
            "conversation_id": conversation,
            "media_type": media_type,
            "content": content,
        }
        async with self._database.scope(shop) as connection:
            await connection.execute(insert(_images).values(row))
        return str(row["image_id"])

    async def get_image(self, shop: str, image: str) -> tuple[str, bytes, str]:
        query = select(_images).where(_images.c.image_id == image)
        async with self._database.scope(shop) as connection:
            row = (await connection.execute(query)).one_or_none()
            if row is None:
                return *await find_image(connection, image), ""
        return row.media_type, bytes(row.content), row.conversation_id

    async def was_shown(self, shop: str, buyer: str, image: str) -> bool:
        own = select(_conversations.c.conversation_id).where(_conversations.c.buyer_id == buyer)
        held = select(_messages.c.number).where(
            _messages.c.conversation_id.in_(own), _messages.c.image == image
        )
        async with self._database.scope(shop) as connection:
            return bool(await connection.scalar(select(held.exists())))

    async def list_phrases(self, shop: str, account: str) -> list[Phrase]:
        query = select(_phrases).where(_phrases.c.account == account).order_by(_phrases.c.phrase_id)
        async with self._database.scope(shop) as connection:
            return [read_phrase(row) for row in (await connection.execute(query)).mappings()]

    async def put_phrase(self, shop: str, account: str, phrase: Phrase) -> None:
        values = {"short_code": phrase.short_code, "text": phrase.text, "group": phrase.group}
        kept = upsert(_phrases).values(shop_id=shop, account=account, phrase_id=phrase.id, **values)
        kept = kept.on_conflict_do_update(index_elements=["shop_id", "account", "phrase_id"], set_=values)
        async with self._database.scope(shop) as connection:
            await connection.execute(kept)

    async def delete_phrase(self, shop: str, account: str, phrase: str) -> None:
        own = (_phrases.c.account == account) & (_phrases.c.phrase_id == phrase)
        async with self._database.scope(shop) as connection:
            if (await connection.execute(delete(_phrases).where(own))).rowcount == 0:
                raise NotFound("there is no such phrase")

    async def get_policy(self, shop: str) -> ServicePolicy:
        async with self._database.scope(shop) as connection:
            row = await connection.scalar(select(_policies.c.policy))
        return read_policy(row) if row is not None else ServicePolicy()

    async def put_policy(self, shop: str, policy: ServicePolicy) -> None:
        row = policy_row(policy)
        kept = upsert(_policies).values(shop_id=shop, policy=row)
        kept = kept.on_conflict_do_update(index_elements=["shop_id"], set_={"policy": row})
        async with self._database.scope(shop) as connection:
            await bump_version(connection, shop)
            await connection.execute(kept)
