"""The sources of a shop's facts over HTTP: set up, tried, asked now, removed; secrets go in and never come out."""

from __future__ import annotations

from typing import Any

import pytest

from bot.ports.fact_sources import SourceFailed
from bot.web.sources_page import SOURCES_PAGE
from tests.unit.fakes.fact_sources import FakeFetcher, FakeFolders
from tests.web.memory_app import NOW, Served
from tests.web.people import Person, hire

URL = "https://erp.example/stock"
SECRET = "Bearer 天机不可泄露"
AN_ERP: dict[str, Any] = {
    "name": "仓库系统",
    "table": "stock",
    "kind": "http",
    "url": URL,
    "every_minutes": 30,
    "headers": [
        {"name": "Accept", "value": "application/json"},
        {"name": "Authorization", "value": SECRET, "secret": True},
    ],
    "columns": {"sku": "code", "stock": "qty"},
}
A_FOLDER: dict[str, Any] = {"name": "仓库文件", "table": "stock", "kind": "folder", "pattern": "stock*.csv"}
SKU = "shirt-black-l"


@pytest.fixture
async def owner(served: Served) -> Person:
    return await hire(served, {"tea": "owner"})


@pytest.fixture
def fetcher(served: Served) -> FakeFetcher:
    assert isinstance(served.engine.parts.fetcher, FakeFetcher)
    return served.engine.parts.fetcher


@pytest.fixture
def folders(served: Served) -> FakeFolders:
    assert isinstance(served.engine.parts.folders, FakeFolders)
    return served.engine.parts.folders


async def create(owner: Person, body: dict[str, Any]) -> str:
    status, answer = await owner.call("POST", "/shops/tea/sources", body)
    assert status == 201, answer
    return str(answer["id"])


async def listed(owner: Person) -> list[dict[str, Any]]:
    status, answer = await owner.call("GET", "/shops/tea/sources")
    assert status == 200, answer
    return list(answer["sources"])


async def pull(served: Served) -> None:
    for task in await served.engine.sources.pulling.begin_due():
        await task


async def test_a_source_is_set_up_pulled_and_shown_without_its_secret(
    served: Served, owner: Person, fetcher: FakeFetcher
) -> None:
    fetcher.answers[URL] = b'[{"code": "shirt-black-l", "qty": 3}]'
    source = await create(owner, AN_ERP)
    [waiting] = await listed(owner)
    assert waiting["state"]["succeeded_at"] is None
    await pull(served)
    [shown] = await listed(owner)
    assert (shown["id"], shown["state"]["rows"], shown["state"]["error"]) == (source, 1, "")
    assert shown["headers"] == [
        {"name": "Accept", "value": "application/json", "secret": False},
        {"name": "Authorization", "value": None, "secret": True},
    ]
    assert SECRET not in str(shown)
    assert fetcher.asked[0].headers["Authorization"] == SECRET
    _, products = await owner.call("GET", "/shops/tea/products")
    assert products["products"][0]["variants"][0]["stock"] == 3


async def test_a_secret_is_kept_through_a_change_and_never_sent_to_another_address(
    served: Served, owner: Person, fetcher: FakeFetcher
) -> None:
    source = await create(owner, AN_ERP)
    kept = {**AN_ERP, "headers": [{"name": "Authorization", "value": None, "secret": True}]}
    for path in ("", "/v2"):
        assert (await owner.call("PUT", f"/shops/tea/sources/{source}", {**kept, "url": URL + path}))[
            0
        ] == 204
        await pull(served)
        assert fetcher.asked[-1].headers == {"Authorization": SECRET}
    asked = len(fetcher.asked)
    for url in ("https://evil.example/stock", "https://erp.example:8443/", "http://erp.example/stock"):
        for method, path, more in (
            ("PUT", f"/shops/tea/sources/{source}", {}),
            ("POST", "/shops/tea/source-trial", {"id": source}),
        ):
            status, answer = await owner.call(method, path, {**kept, **more, "url": url})
            assert (status, list(answer["error"]["fields"])) == (422, ["headers[0].value"])
    await pull(served)
    assert len(fetcher.asked) == asked


async def test_a_secret_that_was_never_given_is_asked_for(owner: Person) -> None:
    body = {**AN_ERP, "headers": [{"name": "X-Key", "value": None, "secret": True}]}
    for path in ("sources", "source-trial"):
        assert (await owner.call("POST", f"/shops/tea/{path}", body))[0] in (404, 422)


async def test_a_trial_shows_the_first_rows_and_writes_nothing(
    served: Served, owner: Person, fetcher: FakeFetcher
) -> None:
    fetcher.answers[URL] = b'[{"code": "shirt-black-l", "qty": 3}, {"code": "unknown", "qty": 1}]'
    status, trial = await owner.call("POST", "/shops/tea/source-trial", AN_ERP)
    assert status == 200
    assert trial["sample"] == [{"sku": SKU, "stock": "3"}, {"sku": "unknown", "stock": "1"}]
    assert (trial["report"]["rows"], trial["report"]["ok"], trial["problem"]) == (2, 1, "")
    assert trial["report"]["errors"][0]["row"] == 2
    _, products = await owner.call("GET", "/shops/tea/products")
    assert products["products"][0]["variants"][0]["stock"] == 7
    assert await listed(owner) == []


async def test_a_trial_that_cannot_read_says_why(owner: Person, fetcher: FakeFetcher) -> None:
    fetcher.answers[URL] = SourceFailed("对方返回 500。 it answers with status 500")
    status, trial = await owner.call("POST", "/shops/tea/source-trial", AN_ERP)
    assert (status, trial["report"], trial["sample"]) == (200, None, [])
    assert "status 500" in trial["problem"]
    status, trial = await owner.call("POST", "/shops/tea/source-trial", A_FOLDER)
    assert (status, "no such file" in trial["problem"]) == (200, True)


async def test_a_trial_of_a_folder_leaves_the_file_where_it_is(owner: Person, folders: FakeFolders) -> None:
    folders.files["tea", "stock-1.csv"] = (b"SKU,\xe5\xba\x93\xe5\xad\x98\nshirt-black-l,5\n", NOW)
    _, trial = await owner.call("POST", "/shops/tea/source-trial", A_FOLDER)
    assert (trial["file"], trial["report"]["ok"], trial["problem"]) == ("stock-1.csv", 1, "")
    assert trial["sample"] == [{"SKU": SKU, "库存": "5"}]
    assert ("tea", "stock-1.csv") in folders.files


async def test_a_source_is_asked_at_once_switched_off_and_removed(
    served: Served, owner: Person, fetcher: FakeFetcher
) -> None:
    source = await create(owner, AN_ERP)
    await pull(served)
    assert (await owner.call("POST", f"/shops/tea/sources/{source}/run"))[0] == 204
    await pull(served)
    assert len(fetcher.asked) == 2
    kept = {**AN_ERP, "headers": [], "enabled": False}
    assert (await owner.call("PUT", f"/shops/tea/sources/{source}", kept))[0] == 204
    assert (await owner.call("POST", f"/shops/tea/sources/{source}/run"))[0] == 404
    assert (await owner.call("DELETE", f"/shops/tea/sources/{source}"))[0] == 204
    assert await listed(owner) == []
    assert (await owner.call("DELETE", f"/shops/tea/sources/{source}"))[0] == 404


async def test_who_did_what_to_a_source_is_in_the_audit_log_without_its_address(
    served: Served, owner: Person
) -> None:
    source = await create(owner, {**AN_ERP, "url": f"{URL}?key=verborgen"})
    await owner.call("DELETE", f"/shops/tea/sources/{source}")
    lines = await served.engine.auditor.read(owner.account.organisation)
    assert [(line.kind, line.actor, line.subject, line.shop) for line in lines[:2]] == [
        ("source_removed", owner.account.login, "仓库系统", "tea"),
        ("source_written", owner.account.login, "仓库系统", "tea"),
    ]
    assert "verborgen" not in str(lines)


async def test_a_shop_has_not_more_than_twenty(owner: Person) -> None:
    for _ in range(20):
        await create(owner, A_FOLDER)
    status, answer = await owner.call("POST", "/shops/tea/sources", A_FOLDER)
    assert (status, "at most 20" in answer["error"]["message"]) == (409, True)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"url": "ftp://erp.example/"}, "url"),
        ({"url": "file:///etc/passwd"}, "url"),
        ({"url": "https://user:word@erp.example/"}, "url"),
        ({"url": "https://"}, "url"),
        ({"url": "https://[::1"}, "url"),
        ({"url": ""}, "url"),
        ({"every_minutes": 0.01}, "every_minutes"),
        ({"timeout_seconds": 600}, "timeout_seconds"),
        ({"max_megabytes": 5000}, "max_megabytes"),
        ({"table": "entries"}, "table"),
        ({"columns": {"price_of_all": "x"}}, "columns"),
        ({"columns": {"sku": "a[x]"}, "form": "json"}, "columns"),
        ({"rows_path": "a..b"}, "rows_path"),
        ({"folder": "../lamp"}, "folder"),
        ({"folder": "/etc"}, "folder"),
        ({"folder": "x/../../lamp"}, "folder"),
        ({"pattern": "../*.csv"}, "pattern"),
        ({"headers": [{"name": "Host", "value": "x"}]}, "headers[0].name"),
        ({"headers": [{"name": "X Y", "value": "x"}]}, "headers[0].name"),
        ({"headers": [{"name": "X", "value": "a\r\nHost: b"}]}, "headers[0].value"),
        ({"headers": [{"name": "X", "value": None}]}, "headers[0].value"),
        ({"headers": [{"name": "X", "value": "a"}, {"name": "x", "value": "b"}]}, "headers"),
        ({"name": "  "}, "name"),
    ],
)
async def test_a_wrong_field_is_named_and_nothing_is_kept(
    owner: Person, changes: dict[str, Any], field: str
) -> None:
    status, answer = await owner.call("POST", "/shops/tea/sources", {**AN_ERP, **changes})
    assert (status, list(answer["error"]["fields"])) == (422, [field]), answer
    assert await listed(owner) == []


async def test_sources_of_another_shop_are_not_there(served: Served, owner: Person) -> None:
    source = await create(owner, AN_ERP)
    other = await hire(served, {"lamp": "owner"})
    for method, path, body in (
        ("GET", "/shops/tea/sources", None),
        ("POST", "/shops/tea/sources", AN_ERP),
        ("POST", "/shops/tea/source-trial", AN_ERP),
        ("PUT", f"/shops/tea/sources/{source}", AN_ERP),
        ("DELETE", f"/shops/tea/sources/{source}", None),
        ("POST", f"/shops/tea/sources/{source}/run", None),
        ("PUT", f"/shops/lamp/sources/{source}", AN_ERP),
        ("DELETE", f"/shops/lamp/sources/{source}", None),
        ("POST", f"/shops/lamp/sources/{source}/run", None),
        (
            "POST",
            "/shops/lamp/source-trial",
            {**AN_ERP, "id": source, "headers": [{"name": "Authorization", "secret": True}]},
        ),
    ):
        assert (await other.call(method, path, body))[0] == 404, (method, path)
    assert (await other.call("GET", "/shops/lamp/sources"))[1]["sources"] == []
    assert [each["id"] for each in await listed(owner)] == [source]


async def test_who_only_answers_sees_no_sources(served: Served) -> None:
    agent = await hire(served, {"tea": "agent"})
    assert (await agent.call("GET", "/shops/tea/sources"))[0] in (403, 404)


def test_the_page_has_the_same_words_in_both_languages() -> None:
    chinese, english = SOURCES_PAGE.words["zh"], SOURCES_PAGE.words["en"]
    assert set(chinese) == set(english)
