"""Requests for invoices over HTTP: who sees them, who settles them, and nobody else's."""

from __future__ import annotations

from typing import Any

import pytest

from bot.domain.invoices import InvoiceDetails, InvoiceType
from tests.web.memory_app import Served
from tests.web.people import Person, hire, says

_DETAILS = InvoiceDetails(
    InvoiceType.ORDINARY, is_person=False, heading="云州测试有限公司", tax_number="91350100M000100Y43"
)


async def made(served: Served, shop: str = "tea") -> str:
    """Let a buyer of the shop ask for an invoice; return the request's id."""
    talk = (await says(served, shop, "我要发票")).conversation
    return (await served.engine.talks.invoice_requests.make(shop, talk.id, _DETAILS)).id


async def must(person: Person, method: str, path: str, json: Any = None) -> Any:
    status, answer = await person.call(method, path, json)
    assert status < 300, answer
    return answer


async def test_an_agent_lists_and_settles_requests_of_his_own_shop_alone(served: Served) -> None:
    own, other = await made(served), await made(served, "lamp")
    agent = await hire(served, {"tea": "agent"})
    page = await must(agent, "GET", "/shops/tea/invoice-requests?state=new")
    assert ([each["id"] for each in page["requests"]], page["total"]) == ([own], 1)
    assert page["requests"][0]["details"]["tax_number"] == "91350100M000100Y43"
    settled = await must(
        agent, "PUT", f"/shops/tea/invoice-requests/{own}", {"state": "issued", "note": "已发"}
    )
    assert (settled["state"], settled["changed_by"], settled["note"]) == ("issued", agent.account.id, "已发")
    assert (await must(agent, "GET", "/shops/tea/invoice-requests?state=new"))["total"] == 0
    for path in (f"/shops/tea/invoice-requests/{other}", f"/shops/lamp/invoice-requests/{other}"):
        assert (await agent.call("GET", path))[0] == 404
        assert (await agent.call("PUT", path, {"state": "issued"}))[0] == 404


async def test_what_is_settled_is_not_settled_otherwise_by_a_second_person(served: Served) -> None:
    request, agent = await made(served), await hire(served, {"tea": "agent"})
    path = f"/shops/tea/invoice-requests/{request}"
    await must(agent, "PUT", path, {"state": "issued"})
    assert (await agent.call("PUT", path, {"state": "refused"}))[0] == 409
    await must(agent, "PUT", path, {"state": "new"})
    await must(agent, "PUT", path, {"state": "refused", "note": "未付款"})


async def test_a_table_is_for_those_who_may_export_and_the_audit_log_says_so(served: Served) -> None:
    await made(served)
    agent, owner = await hire(served, {"tea": "agent"}), await hire(served, {"tea": "owner"})
    assert (await agent.call("GET", "/shops/tea/invoice-requests-export"))[0] == 403
    status, table = await owner.call("GET", "/shops/tea/invoice-requests-export?format=csv")
    assert status == 200
    lines = table.decode("utf-8-sig").splitlines()
    assert len(lines) == 2
    assert "云州测试有限公司" in lines[1]
    _, book = await owner.call("GET", "/shops/tea/invoice-requests-export?format=xlsx&state=issued")
    assert book[:2] == b"PK"
    trail = await served.engine.parts.accounts.read_audit("office", 10)
    assert "invoice-requests" in {line.subject for line in trail}


@pytest.mark.parametrize("query", ["?state=lost", "?limit=many", "?start=-1"])
async def test_a_wrong_query_is_refused_by_name(served: Served, query: str) -> None:
    owner = await hire(served, {"tea": "owner"})
    status, answer = await owner.call("GET", f"/shops/tea/invoice-requests{query}")
    assert (status, list(answer["error"]["fields"])) == (422, [query[1:].split("=")[0]])


async def test_a_wrong_state_is_refused_and_changes_nothing(served: Served) -> None:
    request, agent = await made(served), await hire(served, {"tea": "agent"})
    path = f"/shops/tea/invoice-requests/{request}"
    for body in ({"state": "paid"}, {}, {"state": "issued", "heading": "别的"}):
        assert (await agent.call("PUT", path, body))[0] == 422
    assert (await must(agent, "GET", path))["state"] == "new"


async def test_what_is_given_out_of_a_buyer_holds_his_requests(served: Served) -> None:
    request, owner = await made(served), await hire(served, {"tea": "owner"})
    kept = await served.engine.talks.invoice_requests.get("tea", request)
    given = await must(owner, "GET", f"/shops/tea/buyers/{kept.buyer}/export")
    [talk] = given["conversations"]
    assert [each["id"] for each in talk["invoice_requests"]] == [request]
