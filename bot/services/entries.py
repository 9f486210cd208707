"""Editing a shop's entries: checked against the shop's own catalogue, written all or nothing."""

from __future__ import annotations

from collections.abc import Sequence, Set
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.domain.entry import Entry
from bot.ports import Clock, EntryStore, ShopSnapshot, ShopStore
from bot.services.document_fields import FieldError
from bot.services.documents import EntryDocument, Loading, unique_errors
from bot.services.image_reading import CheckedImage
from bot.services.moments import InvalidMoment


class InvalidEntries(ValueError):
    """Some entries cannot be written; `errors` name the fields. Nothing was written."""

    def __init__(self, errors: Sequence[FieldError]) -> None:
        self.errors = tuple(errors)
        super().__init__("; ".join(f"{error.field}: {error.message}" for error in self.errors[:5]))


class EntryEditor:
    """Reads and writes entries of the shop that each call names. `author` is who does so (see EntryVersion)."""

    def __init__(self, shops: ShopStore, entries: EntryStore, clock: Clock, author: str = "") -> None:
        self._shops = shops
        self._entries = entries
        self._clock = clock
        self._author = author

    def signing(self, author: str) -> EntryEditor:
        """Return this editor for somebody: what it writes stands in the entries' history under that author."""
        return EntryEditor(self._shops, self._entries, self._clock, author)

    async def list_entries(self, shop: str) -> list[Entry]:
        """Return the shop's entries. Raises NotFound for an unknown shop."""
        await self._shops.get_shop(shop)
        return await self._entries.list_entries(shop)

    async def get_entry(self, shop: str, entry: str) -> Entry:
        """Raises NotFound."""
        return await self._entries.get_entry(shop, entry)

    async def create_entry(self, shop: str, document: EntryDocument) -> Entry:
        """Write a new entry and return it. Raises InvalidEntries, NotFound, Conflict when the id exists."""
        entry = (await self.check(shop, [document]))[0]
        await self._check_codes(shop, [document])
        await self._entries.put_entries(shop, [entry], only_new=True, author=self._author)
        return await self._entries.get_entry(shop, entry.id)

    async def update_entry(self, shop: str, document: EntryDocument, expected_version: int | None) -> Entry:
        """Write an existing entry. Raises InvalidEntries, NotFound, EntryChanged when it is at another version."""
        entry = (await self.check(shop, [document]))[0]
        await self._check_codes(shop, [document])
        return await self._entries.update_entry(shop, entry, expected_version, author=self._author)

    async def set_status(self, shop: str, entries: Sequence[str], status: str) -> int:
        """Publish, archive or draft several entries, all or none, and return how many changed.

        Raises InvalidEntries where a short code would belong to two, NotFound for an entry that is not there.
        """
        chosen = set(entries)
        held = {entry.id: entry for entry in await self._entries.list_entries(shop)}
        codes = {
            entry.short_code: entry.id
            for entry in held.values()
            if entry.short_code and entry.status != "archived" and entry.id not in chosen
        }
        errors = []
        for index, entry_id in enumerate(dict.fromkeys(entries)):
            code = held[entry_id].short_code if entry_id in held and status != "archived" else ""
            if code in codes:
                errors.append(FieldError(f"entries[{index}]", code_taken(code, codes[code])))
            elif code:
                codes[code] = entry_id
        if errors:
            raise InvalidEntries(errors)
        return await self._entries.set_status(shop, entries, status, author=self._author)

    async def delete_entry(self, shop: str, entry: str) -> None:
        """Raises NotFound."""
        await self._entries.delete_entry(shop, entry, author=self._author)

    async def put_entries(
        self, shop: str, documents: Sequence[EntryDocument], *, replace: bool = False
    ) -> int:
        """Write entries all or nothing and return how many. `replace` removes this shop's others. Raises InvalidEntries."""
        entries = await self.check(shop, documents)
        await self._check_codes(shop, documents, replace=replace)
        await self._entries.put_entries(shop, entries, replace=replace, author=self._author)
        return len(entries)

    async def codes_taken(self, shop: str, documents: Sequence[EntryDocument]) -> dict[str, str]:
        """Return the entries of the shop that hold a short code and are not among the documents, by code."""
        if not any(document.short_code for document in documents):
            return {}
        ids = {document.id for document in documents}
        return {
            entry.short_code: entry.id
            for entry in await self._entries.list_entries(shop)
            if entry.short_code and entry.status != "archived" and entry.id not in ids
        }

    async def _check_codes(
        self, shop: str, documents: Sequence[EntryDocument], *, replace: bool = False
    ) -> None:
        taken = {} if replace else await self.codes_taken(shop, documents)
        live = ["" if document.status == "archived" else document.short_code for document in documents]
        errors = [
            FieldError(f"entries[{index}].short_code", code_taken(code, taken[code]))
            for index, code in enumerate(live)
            if code in taken
        ]
        errors += unique_errors("entries", live, "short_code")
        if len(documents) == 1:
            errors = [FieldError("short_code", error.message) for error in errors]
        if errors:
            raise InvalidEntries(errors)

    async def check(self, shop: str, documents: Sequence[EntryDocument]) -> list[Entry]:
        """Return the entries the documents describe. Raises InvalidEntries, NotFound for an unknown shop."""
        return (await self.checking(shop)).check(documents)

    async def checking(self, shop: str) -> EntryCheck:
        """Return what checks documents against the shop as it is now, as often as wanted. Raises NotFound."""
        images = await self._entries.list_images(shop)
        return EntryCheck(await self._shops.load_snapshot(shop), images, self._clock.now())

    async def put_image(self, shop: str, image: CheckedImage) -> str:
        """Keep an image for the shop's entries and return its id; the same image again has the same. Raises NotFound."""
        return await self._entries.put_image(shop, image.media_type, image.content)

    async def get_image(self, shop: str, image: str) -> CheckedImage:
        """Return an image of the shop's entries. Raises NotFound."""
        return CheckedImage(*await self._entries.get_image(shop, image))


class EntryCheck:
    """Checks documents against one shop's catalogue. Reading a shop of thousands of entries takes a second: once is enough."""

    def __init__(self, snapshot: ShopSnapshot, images: Set[str], now: datetime) -> None:
        self._snapshot = snapshot
        self._images = images
        self._loading = Loading(now, ZoneInfo(snapshot.shop.timezone), "edited")

    def check(self, documents: Sequence[EntryDocument]) -> list[Entry]:
        """Return the entries the documents describe. Raises InvalidEntries."""
        errors: list[FieldError] = []
        entries: list[Entry] = []
        for index, document in enumerate(documents):
            prefix = f"entries[{index}]." if len(documents) > 1 else ""
            errors.extend(_scope_errors(document, self._snapshot, prefix))
            if document.image and document.image not in self._images:
                errors.append(FieldError(f"{prefix}image", image_missing(document.image)))
            try:
                entries.append(document.to_entry(self._loading))
            except InvalidMoment as error:
                errors.append(FieldError(f"{prefix}validity", str(error)))
        if errors:
            raise InvalidEntries(errors)
        return entries


def code_taken(code: str, entry: str) -> str:
    """Return what to say of a short code that another entry of the shop has."""
    return f"短码“{code}”已经是条目 {entry} 的。 {code!r} is the short code of {entry}"


def image_missing(image: str) -> str:
    """Return what to say of an image that the shop does not have."""
    return f"本店没有图片“{image}”，请先上传。 this shop has no image {image!r}: upload it first"


def _scope_errors(document: EntryDocument, snapshot: ShopSnapshot, prefix: str) -> list[FieldError]:
    """Return what the scope names that this shop does not have."""
    categories = {product.category for product in snapshot.products.values()}
    wrong = [("products", value) for value in document.scope.products if value not in snapshot.products]
    wrong += [("categories", value) for value in document.scope.categories if value not in categories]
    return [
        FieldError(f"{prefix}scope.{field}", f"本店没有“{value}”。 {value!r} is none of this shop's {field}")
        for field, value in wrong
    ]
