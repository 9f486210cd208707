"""What the adapter of every outer channel must do, tried on a peer that speaks as the other side does."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from typing import Protocol

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.channels import Status
from bot.open_internet import OpenInternet
from bot.ports.channels import (
    CameMessage,
    Channel,
    ChannelPlace,
    Delivered,
    Incoming,
    Outcome,
    Outgoing,
    Refused,
    Retry,
    Unreadable,
    Unverified,
)
from tests.contract.store_contract import NOW

WORDS = "有货的，今天下单今天发"
RUBBISH = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


class Peer(Protocol):
    """The other side of a channel, in a test's hands."""

    place: ChannelPlace
    """A channel that leads to it, with good secrets."""

    def adapter(self, internet: OpenInternet) -> Channel:
        """Return an adapter that reaches what `internet` reaches."""
        ...

    def told(self, id: str, buyer: str, text: str) -> Incoming:
        """Return what it sends when its buyer says something."""
        ...

    def proving(self, body: bytes) -> Incoming:
        """Return a request with that body that proves to come from it."""
        ...

    def outgoing(self, key: str, text: str = WORDS, status: str = "") -> Outgoing:
        """Return a message, or a status, on its way to it."""
        ...

    def kept(self) -> list[str]:
        """Return the texts that its buyer was shown, in order."""
        ...

    def answer_with(self, status: int) -> None:
        """Answer every call with that status, and keep nothing; 0 = be well again."""
        ...

    def lose_answer(self) -> None:
        """Keep what comes next, and break the line before it is answered."""
        ...


class ChannelContract:
    """`peer` and `internet` are fixtures of whoever inherits it; `never` are statuses after which nothing is tried again."""

    never: tuple[int, ...] = (400,)

    async def test_what_a_buyer_says_is_read(self, peer: Peer, internet: OpenInternet) -> None:
        [came] = peer.adapter(internet).read(peer.place, peer.told("m-1", "b-1", "有货吗"), NOW)
        assert isinstance(came, CameMessage)
        assert (came.text, came.author) == ("有货吗", "buyer")
        assert came.buyer is not None
        assert came.id
        assert came.buyer.id

    async def test_the_same_message_has_the_same_id_and_another_another(
        self, peer: Peer, internet: OpenInternet
    ) -> None:
        adapter = peer.adapter(internet)
        first, again, other = (
            adapter.read(peer.place, peer.told(id, "b-1", "有货吗"), NOW)[0] for id in ("m-1", "m-1", "m-2")
        )
        assert isinstance(first, CameMessage)
        assert first == again
        assert isinstance(other, CameMessage)
        assert first.id != other.id

    async def test_what_does_not_prove_whom_it_is_from_is_not_looked_into(
        self, peer: Peer, internet: OpenInternet
    ) -> None:
        told = peer.told("m-1", "b-1", "有货吗")
        for request in (
            Incoming({}, told.body),
            Incoming({}, b"{broken"),
            replace(told, headers={name: f"{value}x" for name, value in told.headers.items()}, tail="x"),
        ):
            with pytest.raises(Unverified) as refused:
                peer.adapter(internet).read(peer.place, request, NOW)
            assert not any(secret in str(refused.value) for secret in peer.place.secrets.values() if secret)

    async def test_another_channels_secrets_open_nothing(self, peer: Peer, internet: OpenInternet) -> None:
        secrets = {name: f"{value}-other" for name, value in peer.place.secrets.items()}
        with pytest.raises(Unverified):
            peer.adapter(internet).read(
                replace(peer.place, secrets=secrets), peer.told("m-1", "b-1", "有货吗"), NOW
            )
        with pytest.raises(Unverified):
            peer.adapter(internet).read(
                replace(peer.place, secrets={}), peer.told("m-1", "b-1", "有货吗"), NOW
            )

    @RUBBISH
    @given(body=st.binary(max_size=60) | _JSON.map(lambda value: json.dumps(value).encode()))
    def test_rubbish_is_refused_or_of_no_interest_and_never_an_error(
        self, peer: Peer, internet: OpenInternet, body: bytes
    ) -> None:
        with suppress(Unreadable):
            assert list(peer.adapter(internet).read(peer.place, peer.proving(body), NOW)) == []

    async def test_a_message_is_delivered(self, peer: Peer, internet: OpenInternet) -> None:
        adapter = peer.adapter(internet)
        assert isinstance(await adapter.deliver(peer.place, peer.outgoing("c-1-1")), Delivered)
        assert isinstance(await adapter.deliver(peer.place, peer.outgoing("c-1-2", "还有别的吗")), Delivered)
        assert peer.kept() == [WORDS, "还有别的吗"]

    async def test_what_arrived_and_was_not_answered_is_not_doubled(
        self, peer: Peer, internet: OpenInternet
    ) -> None:
        adapter, outgoing = peer.adapter(internet), peer.outgoing("c-1-1")
        peer.lose_answer()
        assert isinstance(await adapter.deliver(peer.place, outgoing), Retry)
        again = replace(outgoing, delivery=replace(outgoing.delivery, attempts=2))
        arrived: Outcome | None = await adapter.find_mark(peer.place, again)
        if arrived is None:
            arrived = await adapter.deliver(peer.place, again)
        assert isinstance(arrived, Delivered)
        assert peer.kept() == [WORDS]

    async def test_what_never_arrived_is_not_believed_to_have(
        self, peer: Peer, internet: OpenInternet
    ) -> None:
        adapter, outgoing = peer.adapter(internet), peer.outgoing("c-1-1")
        await adapter.deliver(peer.place, peer.outgoing("c-1-0", "亲"))
        again = replace(outgoing, delivery=replace(outgoing.delivery, attempts=2))
        assert await adapter.find_mark(peer.place, again) is None
        await adapter.deliver(peer.place, again)
        assert peer.kept() == ["亲", WORDS]

    @pytest.mark.parametrize("status", [429, 500, 502, 503])
    async def test_what_is_out_of_order_is_tried_again(
        self, peer: Peer, internet: OpenInternet, status: int
    ) -> None:
        adapter = peer.adapter(internet)
        peer.answer_with(status)
        failed = await adapter.deliver(peer.place, peer.outgoing("c-1-1"))
        assert isinstance(failed, Retry)
        assert failed.why
        peer.answer_with(0)
        assert isinstance(await adapter.deliver(peer.place, peer.outgoing("c-1-1")), Delivered)
        assert peer.kept() == [WORDS]

    async def test_what_will_never_be_taken_is_refused(self, peer: Peer, internet: OpenInternet) -> None:
        for status in self.never:
            peer.answer_with(status)
            refused = await peer.adapter(internet).deliver(peer.place, peer.outgoing("c-1-1"))
            assert isinstance(refused, Refused)

    async def test_why_it_failed_says_neither_text_nor_secret(
        self, peer: Peer, internet: OpenInternet
    ) -> None:
        adapter = peer.adapter(internet)
        for status in (500, *self.never):
            peer.answer_with(status)
            failed = repr(await adapter.deliver(peer.place, peer.outgoing("c-1-1")))
            assert WORDS not in failed
            assert not any(secret in failed for secret in peer.place.secrets.values() if secret)

    async def test_nothing_that_only_this_server_reaches_is_asked(self, peer: Peer) -> None:
        shut = await peer.adapter(OpenInternet()).deliver(peer.place, peer.outgoing("c-1-1"))
        assert isinstance(shut, Retry | Refused)
        assert "KUAIHUI_PRIVATE_SOURCES" in shut.why
        assert peer.kept() == []

    @pytest.mark.parametrize("status", list(Status))
    async def test_what_becomes_of_a_conversation_can_be_told_and_shows_the_buyer_nothing(
        self, peer: Peer, internet: OpenInternet, status: Status
    ) -> None:
        told = await peer.adapter(internet).deliver(peer.place, peer.outgoing("c-1-s", "", status.value))
        assert isinstance(told, Delivered)
        assert peer.kept() == []

    async def test_a_trial_shows_buyers_nothing_and_says_when_it_fails(
        self, peer: Peer, internet: OpenInternet
    ) -> None:
        adapter = peer.adapter(internet)
        assert isinstance(await adapter.test(peer.place), Delivered)
        peer.answer_with(500)
        assert isinstance(await adapter.test(peer.place), Retry | Refused)
        peer.answer_with(0)
        assert peer.kept() == []

    async def test_its_settings_are_looked_at(self, peer: Peer, internet: OpenInternet) -> None:
        adapter = peer.adapter(internet)
        assert adapter.kind == peer.place.channel.kind
        assert not adapter.problems(peer.place.channel.settings)
        for field in adapter.fields:
            assert field.zh
            assert field.en
            if field.sort == "url":
                wrong = {**peer.place.channel.settings, field.name: "ftp://shop.example/"}
                assert field.name in adapter.problems(wrong)
