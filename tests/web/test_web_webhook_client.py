"""The sample client of a webhook channel, run against the application: it sends, receives, verifies and takes each key once."""

from __future__ import annotations

import asyncio
import json
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator

import pytest

from bot.channels.webhook import sign
from bot.domain.channels import ShopChannel
from examples import webhook_client
from tests.web.memory_app import Served
from tests.web.people import hire

SECRET = "s3cret-of-the-sample"


@pytest.fixture
async def replies() -> AsyncIterator[webhook_client.Replies]:
    with webhook_client.Replies(0, SECRET) as replies:
        serving = asyncio.create_task(asyncio.to_thread(replies.serve_forever, 0.01))
        yield replies
        replies.shutdown()
        await serving


def address_of(replies: webhook_client.Replies) -> str:
    return f"http://127.0.0.1:{replies.server_address[1]}/"


async def test_a_buyers_words_go_in_and_the_reply_comes_back_once(
    served: Served,
    replies: webhook_client.Replies,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        served.clock, "moment", served.clock.moment.fromtimestamp(time.time(), served.clock.moment.tzinfo)
    )
    channel = ShopChannel("sample", "webhook", "样例", settings={"url": address_of(replies), "vouches": True})
    await served.engine.parts.channels.put_channel("tea", channel, {"secret": SECRET}, served.clock.now())
    agent = await hire(served, {"tea": "agent"})
    address = str(served.client.make_url("/channels/tea/sample"))
    document = {"type": "message", "id": "m-1", "buyer": {"id": "b-1"}, "text": "有货吗"}
    taken = await asyncio.to_thread(webhook_client.send, address, SECRET, document)
    conversation = taken["events"][0]["conversation"]
    again = await asyncio.to_thread(webhook_client.send, address, SECRET, document)
    assert (taken["duplicate"], again["duplicate"]) == (False, True)
    await served.engine.workspace.conversing.reply("tea", conversation, agent.account.id, "有的", key="k-1")
    delivering = served.engine.channels.delivering
    await asyncio.gather(*await delivering.begin_due())
    assert replies.came.is_set()
    assert capsys.readouterr().out == "[agent] 有的\n"
    [delivery] = await served.engine.parts.channels.deliveries_of("tea", conversation, [2])
    assert delivery.external_id == f"sample-{delivery.key}"


async def test_what_is_not_signed_is_not_shown_and_what_came_twice_is_shown_once(
    replies: webhook_client.Replies, capsys: pytest.CaptureFixture[str]
) -> None:
    body = json.dumps({"type": "message", "text": "有的", "automatic": True}).encode()

    def post(secret: str) -> int:
        timestamp = str(int(time.time()))
        signature = sign(secret, timestamp, body)
        headers = {
            "X-Kuaihui-Timestamp": timestamp, "X-Kuaihui-Signature": signature, "Idempotency-Key": "c-1-2",
        }  # fmt: skip
        try:
            with urllib.request.urlopen(urllib.request.Request(address_of(replies), body, headers)) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            error.close()
            return error.code

    statuses = [await asyncio.to_thread(post, secret) for secret in ("wrong", SECRET, SECRET)]
    assert statuses == [401, 200, 200]
    assert capsys.readouterr().out == "[auto] 有的\n"


async def test_a_refusal_is_told_and_not_tried_again(served: Served) -> None:
    address = str(served.client.make_url("/channels/tea/none"))
    with pytest.raises(RuntimeError, match="404"):
        await asyncio.to_thread(webhook_client.send, address, SECRET, {"type": "ping"})


def test_the_command_line_asks_for_the_secret(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        webhook_client.options(["--shop", "tea", "--channel", "sample"])
    assert "--secret" in capsys.readouterr().err
    assert webhook_client.options(["--shop", "tea", "--channel", "x", "--secret", "s", "有货吗"]).words == [
        "有货吗"
    ]
