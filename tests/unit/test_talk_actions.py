"""The actions about stock and orders: where a dialogue begins, waits, ends, and passes a question on."""

from __future__ import annotations

from typing import Any

import pytest
from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.orders import ActionOrder, ActionOrderOver, AskOrderForm, ValidateOrderForm
from actions.stock import ActionStock, ActionStockOver, AskStockForm, ValidateStockForm
from bot.domain.conversation import Conversation
from tests.unit.fakes.talking import Talking

SHOP = """
kuaihui: 1
shop: {id: stall, name: 小摊, languages: [zh, en]}
products:
  - id: tee
    title: 纯棉短袖
    aliases: [短袖]
    variants:
      - {sku: bl, options: {colour: 黑色, size: L}, stock: 12}
      - {sku: wm, options: {colour: 白色, size: M}, stock: 7}
orders:
  - {order_no: "2026030100000001", status: delivered, items: ["短袖 ×1"], buyer_id: b-1, phone_last4: "0670"}
entries: []
"""
STARTED = {"event": "action", "name": "action_stock"}
SPOKE = {"event": "user"}


class Scene:
    """One conversation, its slots, and what the actions say and leave."""

    def __init__(self, talking: Talking, talk: Conversation) -> None:
        self.talking = talking
        self._talk = talk
        self.slots: dict[str, Any] = {"language": "zh"}
        self.said: list[dict[str, Any]] = []

    async def run(
        self, action: Action, text: str = "", intent: str = "inform", events: list[dict[str, Any]] | None = None
    ) -> list[dict[str, Any]]:  # fmt: skip
        """Run the action in a turn; return what it leaves beside the slots, which are set."""
        if text:
            await self.talking.write("stall", self._talk.id, "buyer", text)
        latest = {"text": text, "intent": {"name": intent}}
        tracker = Tracker(
            f"stall:{self._talk.id}", self.slots, latest, events or [SPOKE], False, None, {}, None
        )
        dispatcher = CollectingDispatcher()
        left = await action.run(dispatcher, tracker, {})
        self.said = dispatcher.messages
        self.slots |= {event["name"]: event["value"] for event in left if event["event"] == "slot"}
        return [event for event in left if event["event"] != "slot"]

    @property
    def bubbles(self) -> list[dict[str, Any]]:
        return [message["custom"]["kuaihui"] | {"response": message.get("response")} for message in self.said]


@pytest.fixture
async def scene() -> Scene:
    talking = Talking()
    await talking.counter.open_shop(SHOP)
    return Scene(talking, await talking.opened("stall", "b-1", channel="webhook:main"))


async def test_stock_is_asked_for_heard_and_over(scene: Scene) -> None:
    talk = scene.talking.stock
    left = await scene.run(ActionStock(talk), "短袖有货吗", "stock_available")
    assert ([event["event"] for event in left], left[0]["name"], scene.said) == (
        ["active_loop"],
        "stock_form",
        [],
    )
    await scene.run(ValidateStockForm(talk), "短袖有货吗", "stock_available", [SPOKE, STARTED])
    assert scene.slots["stock_state"]["asked"] == 1  # the question was not taken for its own answer
    await scene.run(AskStockForm(talk))
    assert (scene.bubbles[0]["asks"], scene.bubbles[0]["reminder"]) == (True, False)
    await scene.run(ValidateStockForm(talk), "发什么快递？", "ship_courier")
    await scene.run(AskStockForm(talk))
    assert scene.bubbles[0]["reminder"] is True
    await scene.run(ValidateStockForm(talk), "黑色")
    assert scene.bubbles[0]["response"] == "utter_stock_in"
    assert scene.bubbles[0]["facts"][0]["name"] == "stock"
    assert (scene.slots["requested_slot"], scene.slots["stock_state"]) == (None, None)
    assert await scene.run(ActionStockOver()) == []


async def test_a_question_about_a_parcel_is_passed_on_from_stock(scene: Scene) -> None:
    talk = scene.talking.stock
    await scene.run(ActionStock(talk), "短袖有货吗", "stock_available")
    await scene.run(ValidateStockForm(talk), "我的快递到哪了", "logistics_track")
    left = await scene.run(ActionStockOver())
    assert [(event["event"], event["name"]) for event in left] == [("followup", "action_order")]
    assert scene.slots["stock_state"] is None


async def test_what_is_no_orders_is_passed_on_to_stock_where_nobody_asked_for_an_order(scene: Scene) -> None:
    order = ActionOrder(scene.talking.orders)
    left = await scene.run(order, "短袖黑L有没", "inform")
    assert [event["name"] for event in left] == ["action_stock"]
    assert scene.said == []
    assert await scene.run(order, "今天拍什么时候发货", "ship_when") == []


async def test_an_order_is_told_with_its_number_among_the_facts_and_a_lost_one_goes_to_a_person(
    scene: Scene,
) -> None:
    await scene.run(ActionOrder(scene.talking.orders), "显示签收了我没收到", "logistics_not_received")
    told, person = scene.bubbles
    assert told["facts"][0]["name"] == "order_no"
    assert (person["person"], person["urgent"]) == ("needs_person", True)


async def test_a_number_is_asked_for_proven_and_over(scene: Scene) -> None:
    talk = scene.talking.orders
    stranger = Scene(scene.talking, await scene.talking.opened("stall", "乙"))
    left = await stranger.run(ActionOrder(talk), "我的快递到哪了", "logistics_track")
    assert left[0]["name"] == "order_form"
    await stranger.run(AskOrderForm(talk))
    assert stranger.bubbles[0]["response"] == "utter_order_ask_number"
    await stranger.run(ValidateOrderForm(talk), "2026030100000001")
    await stranger.run(AskOrderForm(talk))
    assert stranger.bubbles[0]["response"] == "utter_order_ask_digits"
    await stranger.run(ValidateOrderForm(talk), "0670")
    assert stranger.bubbles[0]["response"] == "utter_order_delivered"
    assert stranger.slots["requested_slot"] is None
    await stranger.run(ActionOrderOver())
    assert stranger.slots["order_state"] is None


async def test_the_turns_own_dialogue_begins_whatever_it_was_read_as(scene: Scene) -> None:
    scene.slots["topic"] = "logistics"
    (left,) = await scene.run(ActionStock(scene.talking.stock), "短袖放哪了", "stock_available")
    assert left["name"] == "action_order"
    left = {"event": "action", "name": "action_order"}
    events = await scene.run(ActionStock(scene.talking.stock), "短袖有货吗", "stock_available", [SPOKE, left])
    assert [event["event"] for event in events] == [
        "active_loop"
    ]  # what has nothing to say does not get it back
