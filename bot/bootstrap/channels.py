"""The outer channels, wired to their parts. One more kind is a file in bot/channels/ and a line here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.bootstrap.auto_reply import AutoAnswering
from bot.channels.chatwoot import ChatwootChannel
from bot.channels.webhook import WebhookChannel
from bot.domain.auto_reply import Reason
from bot.open_internet import OpenInternet
from bot.ports.channels import Channel
from bot.services.auditing import Auditor
from bot.services.channel_briefing import brief
from bot.services.channel_delivering import AskPerson, ChannelDelivering
from bot.services.channel_receiving import ChannelReceiving
from bot.services.channels import Channels
from bot.services.recording import EventRecorder
from bot.services.workspace import Workspace

if TYPE_CHECKING:
    from bot.bootstrap.engine import Parts


@dataclass(frozen=True, slots=True)
class OuterChannels:
    """What owners do with channels, what takes messages in, and what carries them out."""

    owners: Channels
    receiving: ChannelReceiving
    delivering: ChannelDelivering


def all_kinds(internet: OpenInternet) -> Mapping[str, Channel]:
    """Return the adapter of each kind of channel."""
    kinds: tuple[Channel, ...] = (WebhookChannel(internet), ChatwootChannel(internet))
    return {adapter.kind: adapter for adapter in kinds}


def build_channels(
    parts: Parts, workspace: Workspace, recorder: EventRecorder, auditor: Auditor, answering: AutoAnswering
) -> OuterChannels:
    """Return the use cases."""
    store, clock = parts.channels, parts.clock

    async def look_up(shop: str) -> None:
        await workspace.manners.of(shop)
        await answering.policies.of(shop)

    ask = _asking(parts, answering)
    return OuterChannels(
        Channels(store, parts.channel_kinds, auditor, clock),
        ChannelReceiving(
            store, parts.conversations, workspace.conversing, workspace.manners, recorder, parts.channel_kinds,
            parts.fetcher, clock, look_up,
        ),
        ChannelDelivering(store, parts.conversations, parts.channel_kinds, ask, clock),
    )  # fmt: skip


def _asking(parts: Parts, answering: AutoAnswering) -> AskPerson:
    """Return what delivering asks of automatic replies."""

    async def expired(shop: str, conversation: str) -> None:
        await answering.handing_over.hand_over(shop, conversation, Reason.EXPIRED)

    async def briefing(shop: str, conversation: str) -> str:
        return await brief(parts.conversations, answering.turns, shop, conversation)

    async def marks(shop: str) -> bool:
        return (await answering.policies.of(shop)).marks

    async def speaks(shop: str) -> bool:
        if (await answering.turns.get_stop()).is_stopped:
            return False
        return (await answering.policies.fresh(shop)).is_on

    return AskPerson(expired, briefing, marks, speaks)
