"""What was said automatically, over HTTP: each shop's own, masked, by state; and the stop that ends at the organisation's border."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.domain.account import Organisation
from bot.domain.auto_reply import Deed, Reason
from bot.domain.auto_reply_policy import AutoReplyPolicy, GroupRule, Mode
from bot.domain.auto_turn import AutoMessage, Decided, Finished, SendState
from bot.domain.shop import Shop
from bot.ports.auto_turns import Stopped
from tests.web.memory_app import Served
from tests.web.people import hire, says

ON = AutoReplyPolicy(is_on=True, groups={"shipping": GroupRule(Mode.AUTOMATIC)})


async def spoken(served: Served, shop: str, *texts: str) -> list[AutoMessage]:
    """Let software have something to say in the shop."""
    written = await says(served, shop, "发什么快递", buyer=f"b-{shop}")
    conversation, now = written.conversation.id, served.clock.now()
    decided = Decided(f"d-{conversation}", 1, now, Deed.REPLY, (Reason.SURE,))
    bubbles = tuple(
        AutoMessage(
            f"{shop}-{place}",
            conversation,
            decided.id,
            place,
            text,
            now + timedelta(seconds=place),
            now + timedelta(minutes=2),
        )
        for place, text in enumerate(texts)
    )
    await served.engine.parts.auto_turns.finish_turn(
        shop, conversation, Finished(decided, bubbles), lambda _: {}
    )
    return list(bubbles)


async def test_what_was_said_is_listed_by_state_newest_first_and_masked(served: Served) -> None:
    owner = await hire(served, {"tea": "owner"})
    first, second = await spoken(served, "tea", "圆通，电话 13800138000", "明天发出")
    turns = served.engine.parts.auto_turns
    await turns.settle_send("tea", first.key, SendState.DEAD, served.clock.now(), Reason.GUARDED)
    status, log = await owner.call("GET", "/shops/tea/auto-reply/messages")
    assert status == 200
    assert [(each["text"], each["state"], each["why"]) for each in log["messages"]] == [
        ("明天发出", "waiting", ""),
        ("圆通，电话 138****8000", "dead", "guarded"),
    ]
    status, dead = await owner.call("GET", "/shops/tea/auto-reply/messages?state=dead")
    assert [each["key"] for each in dead["messages"]] == [first.key]
    assert second.key not in str(dead)


async def test_no_shop_shows_what_another_said(served: Served) -> None:
    await spoken(served, "lamp", "灯会亮")
    owner = await hire(served, {"tea": "owner"})
    _, log = await owner.call("GET", "/shops/tea/auto-reply/messages")
    assert log["messages"] == []
    assert (await owner.call("GET", "/shops/lamp/auto-reply/messages"))[0] == 404


async def test_an_unknown_state_is_named(served: Served) -> None:
    owner = await hire(served, {"tea": "owner"})
    status, error = await owner.call("GET", "/shops/tea/auto-reply/messages?state=lost")
    assert status == 422
    assert "waiting" in error["error"]["fields"]["state"]


async def test_an_operators_stop_is_shown(served: Served) -> None:
    owner = await hire(served, {"tea": "owner"})
    await served.engine.parts.auto_turns.put_stop(Stopped(True, served.clock.now(), ""))
    _, log = await owner.call("GET", "/shops/tea/auto-reply/messages")
    assert log["stopped"] is True
    assert log["stopped_at"]


async def test_an_admin_stops_all_shops_of_the_own_organisation_and_no_other(served: Served) -> None:
    admin, parts = await hire(served, {"tea": "owner"}, is_admin=True), served.engine.parts
    await parts.shops.put_shop(Shop("foreign", "别家店"))
    await parts.accounts.put_organisation(Organisation("other", "别家公司", frozenset({"foreign"})))
    for shop in ("tea", "lamp", "foreign"):
        await parts.auto_replies.put_policy(shop, ON)
    status, stopped = await admin.call("POST", "/team/auto-reply/stop")
    assert (status, stopped["shops"]) == (200, ["lamp", "tea"])
    for shop in ("tea", "lamp"):
        assert await parts.auto_replies.get_policy(shop) == replace(ON, is_on=False)
    assert (await parts.auto_replies.get_policy("foreign")).is_on
    agent = await hire(served, {"tea": "owner"})
    assert (await agent.call("POST", "/team/auto-reply/stop"))[0] in (403, 404)
