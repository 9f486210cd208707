"""What a shop's owner does with its outer channels: set up, change, test, rotate the secret, remove, look at what failed."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

from bot.domain.account import Account
from bot.domain.channels import (
    MOST_CHANNELS,
    Delivery,
    DeliveryState,
    Setting,
    ShopChannel,
    is_channel_id,
)
from bot.ports import Clock, Conflict, NotFound
from bot.ports.channels import (
    REPLACED,
    REPLACED_UNTIL,
    Channel,
    ChannelField,
    ChannelPlace,
    ChannelStore,
    KeptChannel,
    Outcome,
)
from bot.services.auditing import CHANNEL_REMOVED, CHANNEL_SECRET_ROTATED, CHANNEL_WRITTEN, Auditor

OVERLAP: Final = timedelta(hours=24)
"""For so long the secret before a rotation is still taken from the other side, so that both sides need not change at once."""
COUNTED: Final = timedelta(days=7)
MOST_SHOWN: Final = 200
_LONGEST_SETTING: Final = 2_000
_NEEDED: Final = "请填写。 is needed"
_SORTS: Final[Mapping[str, type]] = {"text": str, "url": str, "flag": bool, "number": int}


class InvalidChannel(ValueError):
    """Settings that cannot be taken; `fields` says by name what is wrong, in both languages."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__(", ".join(fields))
        self.fields = dict(fields)


@dataclass(frozen=True, slots=True)
class ChannelDraft:
    """A channel as its owner writes it. Of `given` secrets None keeps the one there is; generated ones are not given."""

    kind: str
    name: str
    enabled: bool = True
    settings: Mapping[str, Setting] | None = None
    given: Mapping[str, str | None] | None = None


@dataclass(frozen=True, slots=True)
class ChannelStanding:
    """A channel, and how many of the last week's deliveries wait or failed."""

    kept: KeptChannel
    waiting: int
    failed: int


class Channels:
    """The use cases of the page of channels. Who may use them is looked at before."""

    def __init__(
        self, store: ChannelStore, adapters: Mapping[str, Channel], auditor: Auditor, clock: Clock
    ) -> None:
        self._store = store
        self.adapters = adapters
        self._auditor = auditor
        self._clock = clock

    async def standings(self, shop: str) -> list[ChannelStanding]:
        """Return the shop's channels and how they do."""
        counted = await self._store.count_deliveries(shop, self._clock.now() - COUNTED)
        return [
            ChannelStanding(
                kept,
                counted.get((kept.channel.id, DeliveryState.WAITING), 0),
                sum(counted.get((kept.channel.id, state), 0) for state in _FAILED),
            )
            for kept in await self._store.list_channels(shop)
        ]

    async def create(
        self, shop: str, draft: ChannelDraft, actor: Account, channel: str = ""
    ) -> tuple[ShopChannel, Mapping[str, str]]:
        """Set up a channel; return it and the secrets that were made, which are shown this once.

        Raises InvalidChannel, and Conflict for an id that is taken and for too many.
        """
        made = await self.prepare(shop, draft, channel)
        await self._auditor.record(CHANNEL_WRITTEN, actor, subject=made[0].name, shop=shop)
        return made

    async def prepare(
        self, shop: str, draft: ChannelDraft, channel: str = ""
    ) -> tuple[ShopChannel, Mapping[str, str]]:
        """Set up a channel as `create` does, for whoever writes the audit's line himself."""
        there = await self._store.list_channels(shop)
        named = channel or secrets.token_hex(4)
        if not is_channel_id(named):
            raise InvalidChannel({"id": "1–40 个小写字母、数字、连字符。 1 to 40 of a-z, 0-9 and -"})
        if any(kept.channel.id == named for kept in there):
            raise Conflict(f"本店已有编号为 {named} 的渠道。 this shop has a channel {named} already")
        if len(there) >= MOST_CHANNELS:
            raise Conflict(f"最多 {MOST_CHANNELS} 个渠道。 a shop has at most {MOST_CHANNELS} channels")
        written = self._checked(named, draft)
        fields = self.adapters[draft.kind].fields
        made = {field.name: _new_secret() for field in fields if field.generated}
        given = _given(fields, draft.given or {}, {})
        await self._store.put_channel(shop, written, {**given, **made}, self._clock.now())
        return written, made

    async def change(self, shop: str, channel: str, draft: ChannelDraft, actor: Account) -> None:
        """Change a channel. Raises NotFound, InvalidChannel."""
        before = (await self._store.get_channel(shop, channel)).channel
        if draft.kind != before.kind:
            raise InvalidChannel({"kind": "渠道类型不能更改。 the kind of a channel stays; make a new one"})
        written = self._checked(channel, draft)
        fields = self.adapters[draft.kind].fields
        there = await self._store.get_secrets(shop, channel)
        kept = {} if _moved(fields, before, written) else there
        given = _given(fields, draft.given or {}, kept)
        names = {field.name for field in fields if field.generated}
        ours = {name: value for name, value in there.items() if name.partition(".")[0] in names}
        await self._store.put_channel(shop, written, {**given, **ours}, self._clock.now())
        await self._auditor.record(CHANNEL_WRITTEN, actor, subject=written.name, shop=shop)

    async def remove(self, shop: str, channel: str, actor: Account) -> None:
        """Remove a channel; what waits for it is not delivered. Raises NotFound."""
        name = (await self._store.get_channel(shop, channel)).channel.name
        await self._store.delete_channel(shop, channel, self._clock.now())
        await self._auditor.record(CHANNEL_REMOVED, actor, subject=name, shop=shop)

    async def rotate(self, shop: str, channel: str, actor: Account) -> tuple[ShopChannel, Mapping[str, str]]:
        """Make the generated secrets anew and return them, shown this once; those before are taken for a day more.

        Raises NotFound, and Conflict for a kind of channel that has none.
        """
        rotated = await self.renew_secrets(shop, channel)
        await self._auditor.record(CHANNEL_SECRET_ROTATED, actor, subject=rotated[0].name, shop=shop)
        return rotated

    async def renew_secrets(self, shop: str, channel: str) -> tuple[ShopChannel, Mapping[str, str]]:
        """Rotate as `rotate` does, for whoever writes the audit's line himself."""
        kept = (await self._store.get_channel(shop, channel)).channel
        there = dict(await self._store.get_secrets(shop, channel))
        adapter = self.adapters.get(kept.kind)
        made = {field.name: _new_secret() for field in (adapter.fields if adapter else ()) if field.generated}
        if not made:
            raise Conflict(
                "这类渠道没有由快回生成的密钥。 channels of this kind have no secret of our making"
            )
        until = (self._clock.now() + OVERLAP).isoformat()
        for name, secret in made.items():
            there |= {
                f"{name}{REPLACED}": there.get(name, ""),
                f"{name}{REPLACED_UNTIL}": until,
                name: secret,
            }
        await self._store.put_channel(shop, kept, there, self._clock.now())
        return kept, made

    async def test(self, shop: str, channel: str) -> Outcome:
        """Try whether the other side can be reached. Raises NotFound."""
        kept = (await self._store.get_channel(shop, channel)).channel
        adapter = self.adapters.get(kept.kind)
        if adapter is None:
            raise NotFound("there is no such channel")
        return await adapter.test(ChannelPlace(shop, kept, await self._store.get_secrets(shop, channel)))

    async def deliveries(
        self, shop: str, channel: str, states: Sequence[DeliveryState], limit: int
    ) -> list[Delivery]:
        """Return the channel's deliveries in these states, newest first. Raises NotFound."""
        await self._store.get_channel(shop, channel)
        return await self._store.list_deliveries(shop, channel, states, min(limit, MOST_SHOWN))

    async def retry(self, shop: str, conversation: str, position: int) -> Delivery:
        """Try a delivery that failed again. Raises NotFound, Conflict."""
        return await self._store.retry_delivery(shop, conversation, position, self._clock.now())

    def address_of(self, shop: str, channel: ShopChannel, made: Mapping[str, str] | None = None) -> str:
        """Return the path that the other side posts to; whole only with the secrets that were just `made`."""
        adapter = self.adapters.get(channel.kind)
        ends = (field.name for field in (adapter.fields if adapter else ()) if field.in_address)
        return "/".join((f"/channels/{shop}/{channel.id}", *(made[name] for name in ends if made)))

    def _checked(self, channel: str, draft: ChannelDraft) -> ShopChannel:
        """Return the channel with what was left out. Raises InvalidChannel."""
        adapter = self.adapters.get(draft.kind)
        if adapter is None:
            kinds = ", ".join(sorted(self.adapters))
            raise InvalidChannel({"kind": f"没有这类渠道。 one of {kinds}"})
        given = dict(draft.settings or {})
        wrong: dict[str, str] = {}
        settings: dict[str, Setting] = {}
        for field in adapter.fields:
            if not field.secret:
                settings[field.name] = given.pop(field.name, field.usual)
                if problem := _problem(field, settings[field.name]):
                    wrong[f"settings.{field.name}"] = problem
        wrong |= {f"settings.{name[:60]}": "没有这一项。 there is no such setting" for name in given}
        if not wrong:
            found = adapter.problems(settings)
            wrong = {f"settings.{name}": message for name, message in found.items()}
        if wrong:
            raise InvalidChannel(wrong)
        return ShopChannel(channel, draft.kind, draft.name, draft.enabled, settings)


_FAILED: Final = (DeliveryState.DEAD, DeliveryState.EXPIRED)


def _new_secret() -> str:
    return secrets.token_urlsafe(32)


def _problem(field: ChannelField, value: Setting) -> str:
    sort = _SORTS[field.sort]
    if not isinstance(value, sort) or (sort is int and isinstance(value, bool)):
        if value == "" and not field.required:
            return ""
        return f"类型不对。 has to be a {field.sort}"
    if field.required and value == "":
        return _NEEDED
    return "太长。 is too long" if isinstance(value, str) and len(value) > _LONGEST_SETTING else ""


def _given(
    fields: Sequence[ChannelField], given: Mapping[str, str | None], kept: Mapping[str, str]
) -> dict[str, str]:
    """Return the secrets that the owner enters, those kept where none is given. Raises InvalidChannel."""
    asked = {field.name: field for field in fields if field.secret and not field.generated}
    wrong = {
        f"secrets.{name[:60]}": "没有这一项。 there is no such secret" for name in set(given) - set(asked)
    }
    found: dict[str, str] = {}
    for name, field in asked.items():
        value = given.get(name)
        entered = kept.get(name, "") if value is None else value.strip()
        if field.required and not entered:
            wrong[f"secrets.{name}"] = f"{_NEEDED}（换了地址要重新填写 again for another address)"
        if any(character in entered for character in "\r\n\0"):
            wrong[f"secrets.{name}"] = "不能换行。 one line"
        found[name] = entered
    if wrong:
        raise InvalidChannel(wrong)
    return found


def _moved(fields: Sequence[ChannelField], before: ShopChannel, after: ShopChannel) -> bool:
    """Whether secrets would go to another address than the one they were given for."""
    return any(
        _origin(before.settings.get(field.name)) != _origin(after.settings.get(field.name))
        for field in fields
        if field.sort == "url"
    )


def _origin(value: Setting | None) -> tuple[str, str]:
    try:
        parts = urlsplit(str(value or ""))
    except ValueError:
        return "", str(value)
    return parts.scheme, parts.netloc
