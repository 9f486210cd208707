"""Chatwoot as a channel: an agent bot of an inbox, or an API inbox that a shop's own storefront writes into.

Chatwoot knows no idempotency key. Every message that we write carries its delivery's key as an attribute; before a retry it is
looked for among the newest messages, and Chatwoot's own webhook about it counts as a receipt. docs/chatwoot.md says what remains.
"""

from __future__ import annotations

import hashlib
import hmac
import io
import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import aiohttp
from yarl import URL

from bot.channels.chatwoot_api import GARBLED, Answer, ChatwootApi, Unreached
from bot.channels.chatwoot_reading import AGENT_BOT, API, MARK, MODES, Inbox, mark_in, read_event
from bot.domain.channels import Setting, Status
from bot.open_internet import OpenInternet, address_problem
from bot.ports.channels import (
    Came,
    ChannelField,
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

_FRESH: Final = timedelta(hours=24)
"""How far a signature's time may lie from ours. Wide, so that a clock set wrong loses no buyer's words: what is sent again is
known by its id, and changes nothing."""
# NUL and halves of characters: JSON can write them, PostgreSQL and UTF-8 cannot.
_UNKEPT: Final = re.compile("[\0\ud800-\udfff]")
_PAGES: Final = 3
_A_PAGE: Final = 20
_SKEW: Final = timedelta(hours=1)
_NO_THREAD: Final = (
    "不知道是 Chatwoot 的哪个会话：买家还没有从这里写过消息。 it is not known which of Chatwoot's conversations is meant: the buyer "
    "has not written from there"
)
_UNREADABLE_MESSAGES: Final = (
    "读取令牌不能读消息（{status}）：请填写一位 Chatwoot 客服的访问令牌，机器人的不行。 the reading token may not read messages "
    "({status}): use the access token of a person in Chatwoot, not of a bot"
)
_FIELDS: Final = (
    ChannelField("url", "Chatwoot 地址", "Chatwoot's address", "url"),
    ChannelField("account", "账户编号", "account number", "number"),
    ChannelField("inbox", "收件箱编号", "inbox number", "number"),
    ChannelField(
        "mode",
        "方式：agent_bot（机器人）或 api（API 收件箱）",
        "mode: agent_bot or api",
        required=False,
        usual=AGENT_BOT,
    ),
    ChannelField(
        "token", "机器人（或 API 收件箱用客服）的访问令牌", "access token of the agent bot", secret=True
    ),
    ChannelField(
        "reader",
        "读取令牌（一位客服的，可不填）",
        "a person's token to look messages up",
        secret=True,
        required=False,
    ),
    ChannelField(
        "signing", "Chatwoot 的签名密钥（可不填）", "Chatwoot's signing secret", secret=True, required=False
    ),
    ChannelField(
        "path",
        "回调地址里的密钥",
        "secret in the callback's address",
        secret=True,
        generated=True,
        in_address=True,
    ),
)


class ChatwootChannel:
    """The Channel of bot.ports for Chatwoot."""

    kind = "chatwoot"
    fields: Sequence[ChannelField] = _FIELDS
    busy_status = 500
    """The only one beside 429 after which Chatwoot sends a webhook again."""

    def __init__(self, net: OpenInternet) -> None:
        self._net = net

    def problems(self, settings: Mapping[str, Setting]) -> Mapping[str, str]:
        found: dict[str, str] = {}
        try:
            problem = address_problem(URL(str(settings["url"])))
        except ValueError:
            problem = "地址写法不对。 this is no address"
        if problem:
            found["url"] = problem
        for name in ("account", "inbox"):
            number = settings.get(name)
            if isinstance(number, int) and number < 1:
                found[name] = (
                    "编号从 1 开始，见 Chatwoot 地址栏。 a number from 1 up, as in Chatwoot's addresses"
                )
        if settings.get("mode", AGENT_BOT) not in MODES:
            found["mode"] = f"只能是 {AGENT_BOT} 或 {API}。 either {AGENT_BOT} or {API}"
        return found

    def read(self, place: ChannelPlace, incoming: Incoming, now: datetime) -> Sequence[Came]:
        _require_chatwoot(place, incoming, now)
        try:
            payload = json.loads(incoming.body, object_hook=_storable)
        except (ValueError, RecursionError):
            raise Unreadable("the body is no JSON") from None
        if not isinstance(payload, dict):
            raise Unreadable("the body is no JSON object")
        return read_event(_inbox_of(place), payload, now)

    async def deliver(self, place: ChannelPlace, outgoing: Outgoing) -> Outcome:
        if not _is_thread(outgoing.thread):
            return Refused(_NO_THREAD)
        api = ChatwootApi(self._net, place, place.secrets["token"])
        talk, mode = f"conversations/{outgoing.thread}", _inbox_of(place).mode
        try:
            if not outgoing.delivery.status:
                return await _say(api, talk, mode, outgoing)
            return await _tell(api, talk, mode, outgoing)
        except Unreached as error:
            return Retry(str(error))

    async def find_mark(self, place: ChannelPlace, outgoing: Outgoing) -> Delivered | Retry | None:
        written = not outgoing.delivery.status or outgoing.delivery.status == Status.HANDED_OVER
        if not written or not _is_thread(outgoing.thread):
            return None
        token = place.secrets.get("reader") or place.secrets["token"]
        try:
            return await _look_for(ChatwootApi(self._net, place, token), outgoing)
        except Unreached as error:
            return Retry(str(error))

    async def test(self, place: ChannelPlace) -> Outcome:
        # No conversation has the number 0: a token that is accepted is told so, and nothing is written.
        nothing = "conversations/0/messages"
        try:
            answer = await ChatwootApi(self._net, place, place.secrets["token"]).post(nothing)
            if answer.status != 404:
                return answer.outcome()
            if reader := place.secrets.get("reader"):
                answer = await ChatwootApi(self._net, place, reader).get(nothing)
                if answer.status in (401, 403):
                    return Refused(_UNREADABLE_MESSAGES.format(status=answer.status))
                if answer.status != 404:
                    return answer.outcome()
        except Unreached as error:
            return Retry(str(error))
        return Delivered()


def _require_chatwoot(place: ChannelPlace, incoming: Incoming, now: datetime) -> None:
    """The address holds a secret; newer versions sign besides. Raises Unverified."""
    if not _is_among(incoming.tail, place.accepted("path", now)):
        raise Unverified("the secret in the address is another one")
    # Several, parted by blanks: an agent bot and an account's webhook sign with secrets of their own.
    keys = [key for secret in place.accepted("signing", now) for key in secret.split()]
    if not keys:
        return
    stamp = incoming.headers.get("x-chatwoot-timestamp", "")
    given = incoming.headers.get("x-chatwoot-signature", "").removeprefix("sha256=")
    signed = stamp.encode("utf-8", "replace") + b"." + incoming.body
    if not _is_among(given, [hmac.new(key.encode(), signed, hashlib.sha256).hexdigest() for key in keys]):
        raise Unverified("the signature does not fit")
    if (
        not (stamp.isascii() and stamp.isdecimal())
        or len(stamp) > 12
        or abs(now.timestamp() - int(stamp)) > _FRESH.total_seconds()
    ):
        raise Unverified("the signature is too old, or a clock is wrong")


def _storable(read: dict[str, Any]) -> dict[str, Any]:
    """Return the object with what can be kept of its texts: a broken name shall not lose the buyer's words."""
    return {name: _UNKEPT.sub("", each) if isinstance(each, str) else each for name, each in read.items()}


def _is_among(given: str, known: Sequence[str]) -> bool:
    """Compare with each, in the time that it takes for all of them."""
    shown = given.encode("utf-8", "replace")
    return any([hmac.compare_digest(shown, each.encode()) for each in known])


def _inbox_of(place: ChannelPlace) -> Inbox:
    settings = place.channel.settings
    mode = str(settings.get("mode") or AGENT_BOT)
    return Inbox(int(settings["account"]), int(settings["inbox"]), mode)


def _is_thread(thread: str) -> bool:
    return thread.isascii() and thread.isdecimal()


async def _say(api: ChatwootApi, talk: str, mode: str, outgoing: Outgoing) -> Outcome:
    """Write a message to the buyer."""
    key = outgoing.delivery.key
    fields = {"content": _content_of(outgoing, mode), "message_type": "outgoing", "private": False}
    if mode == API:
        # Kept by versions that drop attributes; elsewhere it would say that the channel itself had sent the message.
        fields["source_id"] = f"{MARK}:{key}"
    if outgoing.image is None:
        answer = await api.post(f"{talk}/messages", {**fields, "content_attributes": {MARK: key}})
        return answer.outcome()
    form = aiohttp.FormData({name: _plain(value) for name, value in fields.items()})
    form.add_field(f"content_attributes[{MARK}]", key)
    sort = outgoing.image.media_type
    name = f"image.{sort.rpartition('/')[2]}"
    form.add_field("attachments[]", io.BytesIO(outgoing.image.content), content_type=sort, filename=name)
    return (await api.post(f"{talk}/messages", form=form)).outcome()


async def _tell(api: ChatwootApi, talk: str, mode: str, outgoing: Outgoing) -> Outcome:
    """Tell what became of the conversation. The status comes before the note: whoever finds the note knows that both are done."""
    status = outgoing.delivery.status
    if status == Status.CLOSED:
        return (await _toggle(api, talk, "resolved")).outcome()
    if status == Status.REOPENED:
        return (await _toggle(api, talk, "open")).outcome()
    if status == Status.RESUMED:
        return (await _toggle(api, talk, "pending")).outcome() if mode == AGENT_BOT else Delivered()
    if mode == AGENT_BOT and not (answer := await _toggle(api, talk, "open")).is_done:
        return answer.outcome()
    if outgoing.urgent:
        # Older versions do not know it: the note says it too.
        await api.post(f"{talk}/toggle_priority", {"priority": "urgent"})
    note = {"content": _note_of(outgoing), "message_type": "outgoing", "private": True}
    attributes = {MARK: outgoing.delivery.key}
    return (await api.post(f"{talk}/messages", {**note, "content_attributes": attributes})).outcome()


async def _toggle(api: ChatwootApi, talk: str, status: str) -> Answer:
    return await api.post(f"{talk}/toggle_status", {"status": status})


async def _look_for(api: ChatwootApi, outgoing: Outgoing) -> Delivered | Retry | None:
    """Look for the delivery's mark from the newest message back to when it was first tried."""
    delivery, talk = outgoing.delivery, f"conversations/{outgoing.thread}"
    since = (delivery.at - _SKEW).timestamp()
    query: dict[str, int] = {}
    for _ in range(_PAGES):
        answer = await api.get(f"{talk}/messages", **query)
        if answer.status in (401, 403):
            return await _look_at_newest(api, talk, delivery.key)
        if not answer.is_done:
            result = answer.outcome()
            return result if isinstance(result, Retry) else None
        messages = _messages_in(answer.body, "payload")
        if messages is None:
            return Retry(GARBLED)
        if found := _marked(messages, delivery.key):
            return found
        oldest = messages[0] if messages else {}
        if len(messages) < _A_PAGE or not isinstance(oldest.get("id"), int) or _moment(oldest) < since:
            return None
        query = {"before": oldest["id"]}
    return None


async def _look_at_newest(api: ChatwootApi, talk: str, key: str) -> Delivered | Retry | None:
    """A bot may not list messages; newer versions let it see the conversation, and in it the newest one."""
    answer = await api.get(talk)
    if not answer.is_done:
        result = answer.outcome()
        return result if isinstance(result, Retry) else None
    messages = _messages_in(answer.body, "messages")
    if messages is None:
        return Retry(GARBLED)
    last = answer.body.get("last_non_activity_message")
    return _marked([*messages, last] if isinstance(last, dict) else messages, key)


def _messages_in(body: Any, name: str) -> list[dict[str, Any]] | None:
    """Return the messages of an answer; None when it is no such answer."""
    found = body.get(name) if isinstance(body, dict) else None
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else None


def _marked(messages: Sequence[Mapping[str, Any]], key: str) -> Delivered | None:
    found = next((each for each in messages if mark_in(each) == key), None)
    return Delivered(str(found.get("id", ""))) if found is not None else None


def _moment(message: Mapping[str, Any]) -> float:
    created = message.get("created_at")
    return float(created) if isinstance(created, int | float) else float("inf")


def _content_of(outgoing: Outgoing, mode: str) -> str:
    text = outgoing.text
    if mode == AGENT_BOT and text.count("*") > 1:
        # Chatwoot reads what a bot says as Markdown: of 3*5*7 two stars would vanish.
        text = text.replace("*", "＊")
    return f"【自动回复】{text}" if outgoing.marked and text else text


def _plain(value: object) -> str:
    """Return a field as forms write it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _note_of(outgoing: Outgoing) -> str:
    head = (
        "【快回转人工·加急】 Kuaihui asks for a person, urgently"
        if outgoing.urgent
        else "【快回转人工】 Kuaihui asks for a person"
    )
    return "\n".join(each for each in (head, outgoing.reason, outgoing.note) if each)
