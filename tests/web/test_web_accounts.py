"""Signing in, one's own account, the team: over HTTP, as a browser does it."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest
from aiohttp import web
from argon2 import PasswordHasher

from bot.domain.account import Account, Membership, Organisation
from bot.domain.entry import Validity
from bot.services.passwords import Passwords
from bot.web.account_pages import HOME, local_path
from bot.web.account_routes import ACCOUNT_ROUTES
from bot.web.authorisation import Needs
from bot.web.csrf import HEADER
from bot.web.session_routes import _agent
from bot.web.sessions import COOKIE
from tests.web.calls import APART, OF_A_SHOP, TAKES_TOKENS, WRITES, body_of, fill, name_of, path_of
from tests.web.memory_app import WORDS, Served, serve

PASSWORD = "four-quiet-horses"
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
PEOPLE = {
    "boss": ("north", {}, True),
    "keeper": ("north", {"tea": "owner"}, False),
    "agent": ("north", {"tea": "agent"}, False),
    "both": ("north", {"tea": "agent", "lamp": "agent"}, False),
    "stranger": ("south", {"demo-silk": "owner"}, True),
}
"""Login → organisation, roles by shop, admin."""


@dataclass
class Browser:
    """A person's browser: its cookie, and the secret that its pages learned."""

    served: Served
    cookie: str = ""
    csrf: str = ""

    async def call(self, method: str, path: str, json: Any = None, **headers: str) -> tuple[int, Any, Any]:
        """Return status, JSON and headers of a call below /api/v1."""
        sent = {HEADER: self.csrf, "Cookie": f"{COOKIE}={self.cookie}", **headers}
        async with self.served.client.request(
            method, f"/api/v1{path}", json=json, headers={k: v for k, v in sent.items() if v}
        ) as response:
            text = await response.text()
            if COOKIE in response.cookies:
                self.cookie = response.cookies[COOKIE].value
            self.served.client.session.cookie_jar.clear()
            return response.status, await response.json() if text else None, response.headers

    async def sign_in(self, login: str, password: str = PASSWORD) -> int:
        status, answer, _ = await self.call("POST", "/session", {"login": login, "password": password})
        if status == 200:
            self.csrf = answer["csrf"]
        return status


@pytest.fixture
async def office() -> AsyncIterator[Served]:
    """The application with people of two organisations."""
    served = await serve()
    served.engine.passwords._hasher = QUICK
    accounts = served.engine.parts.accounts
    for organisation, shops in (("north", {"tea", "lamp"}), ("south", {"demo-silk"})):
        await accounts.put_organisation(Organisation(organisation, organisation, frozenset(shops)))
    hashed = await Passwords(QUICK).hash(PASSWORD)
    for login, (organisation, roles, is_admin) in PEOPLE.items():
        account = Account(f"u-{login}", organisation, login, f"客服 {login}", is_admin)
        memberships = [Membership(account.id, shop, role) for shop, role in roles.items()]
        await accounts.create_accounts([(account, hashed)], memberships)
    yield served
    await served.client.close()
    await served.engine.close()


async def signed_in(served: Served, login: str) -> Browser:
    browser = Browser(served)
    assert await browser.sign_in(login) == 200
    return browser


async def kinds(served: Served, organisation: str = "north") -> list[str]:
    lines = await served.engine.parts.accounts.read_audit(organisation, 100)
    return [line.kind for line in lines]


async def test_signing_in_sets_a_cookie_that_no_script_reads_and_says_who_one_is(office: Served) -> None:
    browser = Browser(office)
    status, answer, headers = await browser.call("POST", "/session", {"login": "BOTH", "password": PASSWORD})
    assert status == 200
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= {
        part.strip() for part in headers["Set-Cookie"].split(";")
    }
    assert "Secure" not in headers["Set-Cookie"]
    assert [shop["id"] for shop in answer["me"]["shops"]] == ["lamp", "tea"]
    assert answer["me"]["shops"][0]["rights"] == ["answer", "read"]
    status, me, _ = await browser.call("GET", "/me")
    assert (status, me["account"]["login"], me["csrf"]) == (200, "both", answer["csrf"])
    assert await kinds(office) == ["signed_in"]


async def test_behind_tls_the_cookie_is_sent_over_tls_only(office: Served) -> None:
    given = {"login": "both", "password": PASSWORD}
    _, _, headers = await Browser(office).call("POST", "/session", given, **{"X-Forwarded-Proto": "https"})
    assert "Secure" in headers["Set-Cookie"]


async def test_a_wrong_login_and_a_wrong_password_are_answered_alike(office: Served) -> None:
    browser, answers = Browser(office), []
    for login, password in (
        ("both", "wrong"),
        ("nobody", "wrong"),
        ("nobody", PASSWORD),
        ("x" * 999, "y" * 999),
    ):
        status, answer, _ = await browser.call("POST", "/session", {"login": login, "password": password})
        answers.append((status, answer["error"]["message"]))
    assert len(set(answers)) == 1
    assert answers[0][0] == 401
    assert await kinds(office) == ["sign_in_failed"]


async def test_an_unknown_login_costs_the_store_as_many_writes_as_a_known_one(
    office: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    accounts, writes = office.engine.parts.accounts, []

    def counted(write: Any) -> Any:
        async def wrapped(*given: Any) -> Any:
            writes.append(given)
            return await write(*given)

        return wrapped

    for name in ("append_audit", "count_attempts"):
        monkeypatch.setattr(accounts, name, counted(getattr(accounts, name)))
    for login in ("both", "nobody"):
        before = len(writes)
        assert await Browser(office).sign_in(login, "wrong") == 401
        assert len(writes) - before == 2


def test_a_browser_may_call_itself_anything() -> None:
    request = SimpleNamespace(headers={"User-Agent": "M\udcff\0z"})
    assert _agent(cast("web.Request", request)) == "M?z"


async def test_too_many_tries_for_a_login_wait_even_with_the_right_password(office: Served) -> None:
    browser = Browser(office)
    statuses = [await browser.sign_in("both", "wrong") for _ in range(9)]
    assert statuses == [401] * 8 + [429]
    status, answer, headers = await browser.call("POST", "/session", {"login": "Both", "password": PASSWORD})
    assert status == 429
    assert answer["error"]["code"] == "too_many_requests"
    assert 0 < int(headers["Retry-After"]) <= 901
    assert await browser.sign_in("agent") == 200
    office.clock.moment += timedelta(minutes=16)
    assert await browser.sign_in("both") == 200


async def test_too_many_wrong_tries_from_an_address_wait_and_right_ones_do_not_count(office: Served) -> None:
    browser = Browser(office)
    assert {await browser.sign_in("agent") for _ in range(3)} == {200}
    statuses = [await browser.sign_in(f"guess-{i}", "wrong") for i in range(101)]
    assert statuses == [401] * 100 + [429]


async def test_a_session_ends_after_its_hours(office: Served) -> None:
    browser = await signed_in(office, "agent")
    office.clock.moment += timedelta(hours=16)
    status, answer, _ = await browser.call("GET", "/me")
    assert (status, answer["error"]["code"]) == (401, "unauthorized")


async def test_signing_out_ends_the_session_at_once(office: Served) -> None:
    browser = await signed_in(office, "agent")
    cookie = browser.cookie
    assert (await browser.call("DELETE", "/session"))[0] == 204
    browser.cookie = cookie
    assert (await browser.call("GET", "/me"))[0] == 401
    assert "signed_out" in await kinds(office)


@pytest.mark.parametrize(
    "headers",
    [
        {HEADER: ""},
        {HEADER: "wrong"},
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
    ],
)
async def test_a_change_without_the_secret_or_from_another_site_is_refused(
    office: Served, headers: dict[str, str]
) -> None:
    browser = await signed_in(office, "agent")
    body = {"name": "别人", "language": "zh"}
    status, answer, _ = await browser.call("PUT", "/me", body, **headers)
    assert (status, answer["error"]["code"]) == (403, "forbidden")
    assert (await browser.call("GET", "/me"))[1]["account"]["name"] == "客服 agent"


async def test_signing_in_from_another_site_is_refused(office: Served) -> None:
    given = {"login": "agent", "password": PASSWORD}
    status, _, _ = await Browser(office).call("POST", "/session", given, Origin="https://elsewhere.example")
    assert status == 403


async def test_a_change_from_our_own_pages_is_taken(office: Served) -> None:
    browser = await signed_in(office, "agent")
    origin = str(office.client.make_url("/")).rstrip("/")
    status, me, _ = await browser.call("PUT", "/me", {"name": " 小客服 ", "language": "en"}, Origin=origin)
    assert status == 200
    assert (me["account"]["name"], me["account"]["language"]) == ("小客服", "en")


async def test_a_new_password_ends_the_other_sessions_and_keeps_this_one(office: Served) -> None:
    browser, other = await signed_in(office, "agent"), await signed_in(office, "agent")
    refused = {"wrong-old": "brand-new-words", PASSWORD: "agent-12345"}
    for old, new in refused.items():
        status, answer, _ = await browser.call("PUT", "/me/password", {"old": old, "new": new})
        assert status == 422
        assert set(answer["error"]["fields"]) == {"old" if old != PASSWORD else "new"}
    changed = {"old": PASSWORD, "new": "brand-new-words"}
    status, answer, _ = await browser.call("PUT", "/me/password", changed)
    assert status == 200
    browser.csrf = answer["csrf"]
    assert (await other.call("GET", "/me"))[0] == 401
    status, answer, _ = await browser.call("GET", "/me/sessions")
    assert status == 200
    assert [each["is_this"] for each in answer["sessions"]] == [True]


async def test_one_ends_the_own_sessions_and_nobody_elses(office: Served) -> None:
    browser, other, stranger = [await signed_in(office, each) for each in ("agent", "agent", "stranger")]
    sessions = (await browser.call("GET", "/me/sessions"))[1]["sessions"]
    [theirs] = (await stranger.call("GET", "/me/sessions"))[1]["sessions"]
    assert (await browser.call("DELETE", f"/me/sessions/{theirs['id']}"))[0] == 404
    [second] = [each["id"] for each in sessions if not each["is_this"]]
    assert (await browser.call("DELETE", f"/me/sessions/{second}"))[0] == 204
    assert (await other.call("GET", "/me"))[0] == 401
    assert (await stranger.call("GET", "/me"))[0] == 200


@pytest.mark.parametrize("route", [r for r in ACCOUNT_ROUTES if r.needs is Needs.ADMIN], ids=name_of)
async def test_only_an_admin_manages_the_team(office: Served, route: Any) -> None:
    path = fill(route.path, "tea").removeprefix("/api/v1")
    keeper = await signed_in(office, "keeper")
    assert (await keeper.call(route.method, path, body_of(route)))[0] == 403
    assert (await Browser(office).call(route.method, path, body_of(route)))[0] == 401
    assert (await office.call(route.method, path, token="both", json=body_of(route)))[0] == 401


@pytest.mark.parametrize("route", ACCOUNT_ROUTES, ids=name_of)
async def test_an_admin_reaches_nobody_of_another_organisation(office: Served, route: Any) -> None:
    if "{account}" not in route.path:
        return
    boss = await signed_in(office, "boss")
    path = route.path.replace("{account}", "u-stranger").replace("{member_shop}", "tea")
    status, answer, _ = await boss.call(route.method, path.removeprefix("/api/v1"), body_of(route))
    nowhere = route.path.replace("{account}", "u-nowhere").replace("{member_shop}", "tea")
    assert (status, answer) == (
        await boss.call(route.method, nowhere.removeprefix("/api/v1"), body_of(route))
    )[:2]
    assert status == 404
    assert "stranger" not in str((await boss.call("GET", "/team/accounts"))[1])


async def test_an_admin_gives_no_shop_of_another_organisation(office: Served) -> None:
    boss = await signed_in(office, "boss")
    for shop in ("demo-silk", "no-such"):
        status, answer, _ = await boss.call(
            "PUT", f"/team/accounts/u-agent/memberships/{shop}", {"role": "owner"}
        )
        assert status == 404
        assert WORDS["demo-silk"] not in str(answer)
    assert [shop["id"] for shop in (await boss.call("GET", "/team/accounts"))[1]["shops"]] == ["lamp", "tea"]


async def test_being_an_admin_opens_no_shop(office: Served) -> None:
    boss = await signed_in(office, "boss")
    assert (await boss.call("GET", "/shops"))[1] == {"shops": []}
    assert (await boss.call("GET", "/shops/tea"))[0] == 404


@pytest.mark.parametrize("route", OF_A_SHOP, ids=name_of)
async def test_to_a_person_who_is_no_member_the_shop_does_not_exist(office: Served, route: Any) -> None:
    browser = await signed_in(office, "keeper")
    seen = await browser.call(route.method, path_of(route, "lamp"), body_of(route))
    nowhere = await browser.call(route.method, path_of(route, "no-such"), body_of(route))
    assert seen[:2] == nowhere[:2]
    assert seen[0] == 404
    assert WORDS["lamp"] not in str(seen[1])


@pytest.mark.parametrize("route", WRITES, ids=name_of)
async def test_a_member_without_the_right_changes_nothing(office: Served, route: Any) -> None:
    browser = await signed_in(office, "agent")
    held = office.memory.versions["tea"]
    status, answer, _ = await browser.call(route.method, path_of(route, "tea"), body_of(route))
    assert (status, answer["error"]["code"]) == (403, "forbidden")
    assert office.memory.versions["tea"] == held


@pytest.mark.parametrize("route", [route for route in TAKES_TOKENS if route not in APART], ids=name_of)
async def test_an_owner_does_in_the_shop_what_a_token_does(office: Served, route: Any) -> None:
    browser = await signed_in(office, "keeper")
    assert (await browser.call(route.method, path_of(route, "tea"), body_of(route)))[0] in route.answers


async def test_a_membership_taken_away_is_felt_at_the_next_call(office: Served) -> None:
    boss, both = await signed_in(office, "boss"), await signed_in(office, "both")
    assert (await both.call("GET", "/shops/lamp"))[0] == 200
    assert (await boss.call("DELETE", "/team/accounts/u-both/memberships/lamp"))[0] == 204
    assert (await both.call("GET", "/shops/lamp"))[0] == 404
    assert (await both.call("GET", "/shops/tea"))[0] == 200


async def test_a_membership_holds_from_its_beginning_until_its_end_in_its_hours(office: Served) -> None:
    boss, agent = await signed_in(office, "boss"), await signed_in(office, "agent")
    # 10:30 in Shanghai on a Thursday.
    for limits, expected in (
        ({"hours": "1-5 18:00-02:00"}, 404),
        ({"hours": "4 09:00-18:00"}, 200),
        ({"since": "2026-03-06"}, 404),
        ({"until": "2026-03-05 10:30"}, 404),
        ({"since": "2026-03-05 10:30", "until": "2026-03-05 10:31"}, 200),
    ):
        given = {"role": "agent", **limits}
        status, answer, _ = await boss.call("PUT", "/team/accounts/u-agent/memberships/tea", given)
        assert (status, answer["holds_now"]) == (200, expected == 200)
        assert (await agent.call("GET", "/shops/tea"))[0] == expected
    for field, value in (("hours", "soon"), ("since", "soon"), ("until", "1999-01-01")):
        given = {"role": "agent", "since": "2026-03-05", field: value}
        status, answer, _ = await boss.call("PUT", "/team/accounts/u-agent/memberships/tea", given)
        assert (status, set(answer["error"]["fields"])) == (422, {field})


async def test_a_new_account_has_to_change_its_password_before_anything_else(office: Served) -> None:
    boss = await signed_in(office, "boss")
    status, made, _ = await boss.call("POST", "/team/accounts", {"login": "New.1", "name": "新人"})
    assert status == 201
    assert (await boss.call("POST", "/team/accounts", {"login": "new.1", "name": "新人"}))[0] == 409
    await boss.call("PUT", f"/team/accounts/{made['account']['id']}/memberships/tea", {"role": "agent"})
    new = Browser(office)
    assert await new.sign_in("new.1", made["password"]) == 200
    for path in ("/shops", "/shops/tea", "/me/sessions"):
        assert (await new.call("GET", path))[0] == 403
    status, _, _ = await new.call("PUT", "/me/password", {"old": made["password"], "new": PASSWORD})
    assert status == 200
    assert (await new.call("GET", "/shops/tea"))[0] == 200


async def test_a_reset_ends_sessions_and_waits_and_the_old_password(office: Served) -> None:
    boss, agent = await signed_in(office, "boss"), await signed_in(office, "agent")
    for _ in range(9):
        await Browser(office).sign_in("agent", "wrong")
    status, made, _ = await boss.call("POST", "/team/accounts/u-agent/password")
    assert status == 200
    assert (await agent.call("GET", "/me"))[0] == 401
    assert await agent.sign_in("agent") == 401
    assert await agent.sign_in("agent", made["password"]) == 200


async def test_off_boarding_ends_everything_at_once_and_oneself_cannot_be(office: Served) -> None:
    boss, agent = await signed_in(office, "boss"), await signed_in(office, "agent")
    assert (await boss.call("POST", "/team/accounts/u-boss/offboard"))[0] == 409
    assert (await boss.call("POST", "/team/accounts/u-agent/offboard"))[0] == 204
    assert (await agent.call("GET", "/shops/tea"))[0] == 401
    assert await agent.sign_in("agent") == 401
    refused = (await boss.call("PUT", "/team/accounts/u-agent/memberships/tea", {"role": "agent"}))[0]
    assert refused == 409
    assert "offboarded" in await kinds(office)


TABLE = "登录名\t姓名\t店铺\t角色\t结束\t时段\nye1\t夜班一\ttea、lamp\t客服\t2026-11-12\t1-5 18:00-02:00\nye2\t夜班二\t青岚小店\t主管\t\t\n"


async def test_a_table_makes_all_its_accounts_after_a_look_at_them(office: Served) -> None:
    boss = await signed_in(office, "boss")
    status, plan, _ = await boss.call("POST", "/team/accounts/bulk", {"table": TABLE, "dry_run": True})
    assert (status, plan["created"], plan["errors"]) == (200, 0, [])
    assert [(each["login"], each["shops"], each["role"]) for each in plan["accounts"]] == [
        ("ye1", ["tea", "lamp"], "agent"),
        ("ye2", ["tea"], "supervisor"),
    ]
    assert await office.engine.parts.accounts.find_login("ye1") is None
    content = base64.b64encode(TABLE.encode()).decode()
    status, done, _ = await boss.call("POST", "/team/accounts/bulk", {"file": content})
    assert (status, done["created"]) == (200, 2)
    new = Browser(office)
    assert await new.sign_in("ye2", done["accounts"][1]["password"]) == 200


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("a b\t甲\ttea\t客服", "login"),
        ("ok1\t\ttea\t客服", "name"),
        ("ok1\t甲\tdemo-silk\t客服", "shops"),
        ("ok1\t甲\ttea\t皇帝", "role"),
        ("ok1\t甲\ttea tea\t客服", "shops"),
        ("stranger\t甲\ttea\t客服", "login"),
        ("ok1\t甲\ttea\t客服\tnever", "until"),
        ("ok1\t甲\ttea\t客服\t\tsometimes", "hours"),
    ],
)
async def test_one_wrong_cell_is_named_and_nothing_is_made(office: Served, row: str, column: str) -> None:
    boss = await signed_in(office, "boss")
    before = len(office.engine.parts.accounts._people.accounts)  # type: ignore[attr-defined]
    status, answer, _ = await boss.call("POST", "/team/accounts/bulk", {"table": f"{TABLE}{row}\n"})
    assert (status, answer["created"]) == (200, 0)
    assert [(each["row"], each["column"]) for each in answer["errors"]] == [(3, column)]
    assert len(office.engine.parts.accounts._people.accounts) == before  # type: ignore[attr-defined]


async def test_every_wrong_cell_of_a_row_is_named_at_once(office: Served) -> None:
    boss = await signed_in(office, "boss")
    table = f"{TABLE}x\t\tno-shop\t皇帝\tnever\tsometimes\n"
    _, answer, _ = await boss.call("POST", "/team/accounts/bulk", {"table": table})
    named = [(each["row"], each["column"]) for each in answer["errors"]]
    assert named == [(3, column) for column in ("login", "name", "role", "shops", "hours", "until")]


@pytest.mark.parametrize("table", ["x", "姓名\n甲\n", "login\tname\tlogin\n", "login,name,salary\n", "\0"])
async def test_what_is_no_table_of_accounts_is_refused(office: Served, table: str) -> None:
    boss = await signed_in(office, "boss")
    assert (await boss.call("POST", "/team/accounts/bulk", {"table": table}))[0] == 422
    assert (await boss.call("POST", "/team/accounts/bulk", {"file": "no base64!"}))[0] == 422


async def test_a_side_panels_token_opens_its_own_shop_and_no_page(office: Served) -> None:
    accounts = office.engine.parts.accounts
    later = office.clock.now() + timedelta(hours=12)
    await accounts.create_session("u-both", "sidebar:tea:abc", "c", later, "sidebar")
    assert (await office.call("GET", "/shops/tea", token="khs.tea.abc"))[0] == 200
    assert (await office.call("GET", "/shops/lamp", token="khs.tea.abc"))[0] == 404
    assert (await office.call("GET", "/shops/lamp", token="khs.lamp.abc"))[0] == 401
    assert (await office.call("GET", "/shops", token="khs.tea.abc"))[0] == 403
    assert (await office.call("GET", "/me", token="khs.tea.abc"))[0] == 403
    assert (await Browser(office, "sidebar:tea:abc").call("GET", "/me"))[0] == 401


async def test_a_disabled_person_has_no_rights_left_in_a_caller_that_is_still_held(office: Served) -> None:
    account = Account("u", "north", "l", "n", is_disabled=True)
    membership = Membership("u", "tea", "owner", Validity())
    from bot.domain.account import RIGHTS, Caller, Right

    assert not any(Caller(account, (membership,)).may(right, "tea", office.clock.now()) for right in Right)
    assert RIGHTS["owner"] == frozenset(Right)


@pytest.mark.parametrize("page", ["/account", "/team"])
async def test_a_page_leads_whoever_is_not_signed_in_to_the_login_and_back(office: Served, page: str) -> None:
    async with office.client.get(f"{page}?lang=en", allow_redirects=False) as response:
        assert response.status == 303
        assert response.headers["Location"] == f"/login?next=%2F{page[1:]}%3Flang%3Den"


async def test_pages_come_in_chinese_and_english_without_scripts_in_them(office: Served) -> None:
    boss = await signed_in(office, "boss")
    for path, chinese, english in (
        ("/login", "登录", "Sign in"),
        ("/account", "我的账号", "My account"),
        ("/team", "团队", "Team"),
    ):
        for language, word in (("zh", chinese), ("en", english)):
            headers = {"Cookie": f"{COOKIE}={boss.cookie}"}
            async with office.client.get(f"{path}?lang={language}", headers=headers) as response:
                text = await response.text()
                assert response.status == 200
                assert word in text
                assert "<style" not in text
                assert " onclick" not in text
    agent = await signed_in(office, "agent")
    async with office.client.get("/team", headers={"Cookie": f"{COOKIE}={agent.cookie}"}) as response:
        assert response.status == 404


@pytest.mark.parametrize(
    "given",
    [
        "",
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "javascript:alert(1)",
        "/login",
        "/a\nb",
        "/api/v1/me",
    ],
)
def test_after_signing_in_one_is_led_to_a_page_of_this_site_only(given: str) -> None:
    assert local_path(given) == HOME


def test_after_signing_in_one_is_led_to_where_one_wanted_to_go() -> None:
    assert local_path("/team?lang=en") == "/team?lang=en"
