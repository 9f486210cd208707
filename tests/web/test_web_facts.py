"""A shop's tables of facts over HTTP: seen with their age, edited in place, imported, undone, and kept apart."""

from __future__ import annotations

from datetime import timedelta
from threading import get_ident
from types import SimpleNamespace
from typing import Any

import pytest

from bot.web import facts_api, import_api
from tests.web.memory_app import NOW, ORDERS, WORDS, Served
from tests.web.people import Person, hire

BASE = "/shops/tea/fact-tables"
SHIRT = "shirt/shirt-black-l"


@pytest.fixture
async def owner(served: Served) -> Person:
    return await hire(served, {"tea": "owner"})


async def ask(owner: Person, method: str, path: str, body: Any = None, expect: int = 200) -> Any:
    status, answer = await owner.call(method, path, body)
    assert status == expect, answer
    return answer


async def rows(owner: Person, table: str, query: str = "") -> list[dict[str, Any]]:
    return list((await ask(owner, "GET", f"{BASE}/{table}{query}"))["rows"])


async def test_every_row_tells_since_when_and_from_where_it_is_known_and_whether_that_is_too_long(
    served: Served, owner: Person
) -> None:
    [shirt] = await rows(owner, "products")
    assert (shirt["key"], shirt["cells"]["stock"], shirt["kind"]) == (SHIRT, "7", "stock")
    assert (shirt["source"], shirt["stale"]) == ("青岚表", False)
    served.clock.moment = NOW + timedelta(hours=7)
    [shirt] = await rows(owner, "products", "?stale=1")
    [order] = await rows(owner, "orders", "?stale=1")
    assert (shirt["stale"], order["stale"]) == (True, True)
    kinds = {each["kind"]: each for each in (await ask(owner, "GET", BASE))["kinds"]}
    assert (kinds["stock"]["total"], kinds["stock"]["stale"], kinds["order"]["stale"]) == (1, 1, 1)
    assert kinds["shipping"]["stale"] == 0


async def test_how_long_facts_live_is_the_shops_own_and_marks_suggestions(
    served: Served, owner: Person
) -> None:
    served.clock.moment = NOW + timedelta(hours=7)

    async def is_stale(shop: str) -> bool:
        _, answer = await served.call(
            "POST", f"/shops/{shop}/suggestions", token=shop, json={"text": "黑色短袖还有货吗"}
        )
        return any(fact["stale"] for each in answer["suggestions"] for fact in each["facts"])

    assert await is_stale("tea")
    await ask(owner, "PUT", "/shops/tea/fact-lifetimes", {"lifetimes": {"stock": 86400}})
    await served.engine.live_shops.settle("tea")
    assert not await is_stale("tea")
    assert await is_stale("lamp")
    for lifetimes in ({"weather": 3600}, {"stock": 60}):
        answer = await ask(owner, "PUT", "/shops/tea/fact-lifetimes", {"lifetimes": lifetimes}, expect=422)
        assert set(answer["error"]["fields"]) == {f"lifetimes.{next(iter(lifetimes))}"}


async def test_a_cell_is_changed_where_it_stands_and_a_wrong_one_is_named(
    served: Served, owner: Person
) -> None:
    known = {"product": "shirt", "sku": "shirt-black-l"}
    await ask(
        owner, "POST", f"{BASE}/products", {"rows": [{**known, "stock": "3", "补货日期": "2026-04-01"}]}
    )
    [shirt] = await rows(owner, "products")
    assert (shirt["cells"]["stock"], shirt["cells"]["restock_date"], shirt["source"]) == (
        "3",
        "2026-04-01",
        "页面 by hand",
    )
    answer = await ask(owner, "POST", f"{BASE}/products", {"rows": [{**known, "stock": "几件"}]}, expect=422)
    assert set(answer["error"]["fields"]) == {"rows[0].stock"}
    undone = await ask(owner, "POST", "/shops/tea/fact-undo")
    assert undone == {"table": "products", "restored": 1, "removed": 0, "kept": []}
    assert (await rows(owner, "products"))[0]["cells"]["stock"] == "7"
    await ask(owner, "POST", "/shops/tea/fact-undo", expect=409)


async def test_what_the_shop_has_not_stated_is_listed_by_kind_and_filled_in(owner: Person) -> None:
    missing = await rows(owner, "facts", "?kind=invoice")
    assert {row["as_of"] for row in missing} == {None}
    assert "invoice_time" in {row["key"] for row in missing}
    await ask(owner, "POST", f"{BASE}/facts", {"rows": [{"名称": "开票时限", "内容": "24小时内"}]})
    [stated] = [row for row in await rows(owner, "facts", "?kind=invoice") if row["as_of"]]
    assert (stated["key"], stated["cells"]["value"]) == ("invoice_time", "24小时内")
    await ask(owner, "POST", f"{BASE}/facts", {"remove": ["invoice_time"]})
    assert not any(row["as_of"] for row in await rows(owner, "facts", "?kind=invoice"))


async def test_a_table_is_previewed_imported_exported_and_taken_back(served: Served, owner: Person) -> None:
    table = "地区,快递,运费\n其他,中通,0\n西藏,邮政,不发货\n"
    preview = await ask(owner, "POST", f"{BASE}/shipping/import?dry_run=1", {"table": table, "replace": True})
    assert [each["verdict"] for each in preview["verdicts"]] == ["changed", "new"]
    assert len(await rows(owner, "shipping")) == 1
    done = await ask(owner, "POST", f"{BASE}/shipping/import", {"table": table, "replace": True})
    assert (done["written"], done["undoable"]) == (2, True)
    async with served.client.get(
        f"/api/v1{BASE}/shipping/export", headers={"Cookie": f"kuaihui_session={owner.secret}"}
    ) as answer:
        exported = (await answer.read()).decode("utf-8-sig")
    again = await ask(
        owner, "POST", f"{BASE}/shipping/import?dry_run=1", {"table": exported, "replace": True}
    )
    assert [each["verdict"] for each in again["verdicts"]] == ["same", "same"]
    await ask(owner, "POST", f"{BASE}/shipping/import", {"table": "地区\n"}, expect=200)
    await ask(owner, "POST", f"{BASE}/shipping/import", {"table": "天气\n晴\n"}, expect=422)


@pytest.mark.parametrize("table", ["products", "stock", "shipping", "facts", "orders"])
async def test_nothing_of_another_shop_is_seen_changed_or_removed(
    served: Served, owner: Person, table: str
) -> None:
    before = await served.engine.parts.facts.load_facts("lamp")
    for path in (BASE, f"{BASE}/{table}?q={WORDS['lamp']}", f"{BASE}/{table}?q={ORDERS['lamp']}"):
        assert WORDS["lamp"] not in str(await ask(owner, "GET", path))
    theirs = {
        "products": [{"sku": "shirt-black-l", "库存": "0"}], "stock": [{"sku": "shirt-black-l", "stock": "0"}],
        "shipping": [{"地区": "*", "运费": "99"}], "facts": [{"名称": "发货时限", "内容": "明年"}],
        "orders": [{"order_no": ORDERS["lamp"], "status": "closed"}],
    }[table]  # fmt: skip
    text = ",".join(theirs[0]) + "\n" + ",".join(theirs[0].values()) + "\n"
    await ask(owner, "POST", f"{BASE}/{table}/import", {"table": text, "replace": True})
    await ask(owner, "POST", f"{BASE}/orders", {"remove": [ORDERS["demo-silk"]]}, expect=404)
    assert await served.engine.parts.facts.load_facts("lamp") == before
    assert await served.engine.parts.facts.order_numbers("lamp") == [ORDERS["lamp"]]
    lamp = BASE.replace("tea", "lamp")
    for method, path in (
        ("GET", lamp), ("GET", f"{lamp}/{table}"), ("POST", f"{lamp}/{table}"), ("GET", f"{lamp}/{table}/export"),
        ("POST", f"{lamp}/{table}/import"), ("POST", "/shops/lamp/fact-undo"), ("PUT", "/shops/lamp/fact-lifetimes"),
    ):  # fmt: skip
        await ask(owner, method, path, None if method == "GET" else {}, expect=404)


async def test_who_may_not_edit_sees_no_tables(served: Served) -> None:
    agent = await hire(served, {"tea": "agent"})
    for path in (BASE, f"{BASE}/orders", f"{BASE}/products/export"):
        await ask(agent, "GET", path, expect=403)
    status, _ = await served.call("POST", f"{BASE}/stock", token="tea-read", json={"rows": []})
    assert status == 403
    status, report = await served.call(
        "POST", f"{BASE}/stock", json={"rows": [{"sku": "shirt-black-l", "stock": "1"}]}
    )
    assert (status, report["written"]) == (200, 1)


async def test_the_report_of_a_long_table_is_written_while_others_are_served(
    owner: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads = list[int]()
    for api in (facts_api, import_api):
        asdict = api.dataclasses.asdict

        def noted(report: Any, asdict: Any = asdict) -> Any:
            threads.append(get_ident())
            return asdict(report)

        monkeypatch.setattr(api, "dataclasses", SimpleNamespace(asdict=noted))
    await ask(owner, "POST", f"{BASE}/shipping/import?dry_run=1", {"table": "地区,运费\n其他,0\n"})
    await ask(owner, "POST", f"{BASE}/stock", {"rows": [{"sku": "shirt-black-l", "stock": "3"}]})
    await ask(owner, "POST", "/shops/tea/entries/import?dry_run=1", {"table": "问题,回复\n有货吗,有\n"})
    assert len(threads) == 3
    assert get_ident() not in threads
