"""The people who work for the demo shops: hired, given shops and taken off them over the team's own API."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp

from bot.web.csrf import HEADER
from bot.web.sessions import COOKIE
from tests.browser.running import Running

A, B, C = "yunduo-life", "yunshang", "yunduo-select"
"""The demo shops. Agents of the tests are mostly members of A and B, so that C is always a stranger's."""
PATIENCE = 15.0
_CALM = {"distributes": False, "target_seconds": 600, "alarm_seconds": 540, "hours": []}
POLICIES: Mapping[str, Mapping[str, Any]] = {
    A: {**_CALM, "forbidden": ["全网最低"], "notice": "今天仓库盘点，晚一天发货"},
    B: {**_CALM, "target_seconds": 300, "alarm_seconds": 270},
    C: {**_CALM, "distributes": True, "target_seconds": 16, "alarm_seconds": 8, "reassign_seconds": 10},
}
"""A and B are calm, B's buyers shall be answered sooner; in C conversations are given out, and time runs out fast."""


async def eventually(true: Callable[[], Awaitable[Any]], what: str, seconds: float = PATIENCE) -> Any:
    """Return the first true answer; fail when none came in time."""
    async with asyncio.timeout(seconds + 1):
        end = asyncio.get_running_loop().time() + seconds
        while not (answer := await true()):
            assert asyncio.get_running_loop().time() < end, f"{what}: not within {seconds} s"
            await asyncio.sleep(0.05)
        return answer


@dataclass
class Person:
    """Somebody with an account, signed in over HTTP."""

    office: Office
    login: str
    password: str
    id: str = ""
    name: str = ""
    cookie: str = ""
    csrf: str = ""

    async def call(self, method: str, path: str, json: Any = None) -> tuple[int, Any]:
        """Return status and JSON of a call below /api/v1, as this person's pages make it."""
        headers = {HEADER: self.csrf, "Cookie": f"{COOKIE}={self.cookie}"} if self.cookie else {}
        address = f"{self.office.address}/api/v1{path}"
        async with self.office.http.request(method, address, json=json, headers=headers) as response:
            if COOKIE in response.cookies:
                self.cookie = response.cookies[COOKIE].value
            return response.status, await response.json() if await response.text() else None

    async def must(self, method: str, path: str, json: Any = None) -> Any:
        """Return the JSON of a call that has to succeed."""
        status, answer = await self.call(method, path, json)
        assert status < 300, f"{method} {path}: {status} {answer}"
        return answer

    async def sign_in(self) -> None:
        """Begin a new session."""
        answer = await self.must("POST", "/session", {"login": self.login, "password": self.password})
        self.csrf, self.id, self.name = (
            answer["csrf"],
            answer["me"]["account"]["id"],
            answer["me"]["account"]["name"],
        )

    async def conversation(self, shop: str, conversation: str) -> Any:
        """Return the conversation as this person sees it now."""
        return (await self.must("GET", f"/shops/{shop}/conversations/{conversation}"))["conversation"]

    async def is_present(self, state: str) -> None:
        """Say how this person is there."""
        await self.must("PUT", "/presence", {"state": state})


class Office:
    """One running server's team."""

    def __init__(self, running: Running, http: aiohttp.ClientSession) -> None:
        self.address = running.address
        self.http = http
        self.admin = Person(self, "admin", running.passwords["admin"])

    async def open(self) -> None:
        """Sign the admin in, and give each shop its policy: workers keep one for seconds, so it stays for the run."""
        await self.admin.sign_in()
        for shop, policy in POLICIES.items():
            await self.policy(shop, **policy)

    async def hire(self, roles: Mapping[str, str], name: str = "", *, is_admin: bool = False) -> Person:
        """Make an account with these roles by shop, with a password that it chose itself."""
        login = f"t{secrets.token_hex(5)}"
        made = await self.admin.must(
            "POST",
            "/team/accounts",
            {"login": login, "name": f"{name or '客服'}{login[-4:]}", "is_admin": is_admin},
        )
        person = Person(self, login, made["password"])
        await person.sign_in()
        for shop, role in roles.items():
            await self.join(person, shop, role)
        chosen = f"four-quiet-horses-{secrets.token_hex(3)}"
        answer = await person.must("PUT", "/me/password", {"old": person.password, "new": chosen})
        person.password, person.csrf = chosen, answer["csrf"]
        return person

    async def join(self, person: Person, shop: str, role: str = "agent") -> None:
        """Make the person a member of the shop."""
        await self.admin.must("PUT", f"/team/accounts/{person.id}/memberships/{shop}", {"role": role})

    async def leave(self, person: Person, shop: str) -> None:
        """Take the person off the shop."""
        await self.admin.must("DELETE", f"/team/accounts/{person.id}/memberships/{shop}")

    async def close_all(self, *shops: str) -> None:
        """End every conversation of the shops, so that whom a test lets come is the only one who waits."""
        for row in (await self.admin.must("GET", "/queue"))["conversations"]:
            if row["shop"] in shops and row["state"] != "closed":
                await self.admin.must(
                    "POST", f"/shops/{row['shop']}/conversations/{row['id']}/close?take_over=1", {}
                )

    async def policy(self, shop: str, **changes: Any) -> Any:
        """Change parts of a shop's policy and return all of it."""
        now = await self.admin.must("GET", f"/shops/{shop}/policy")
        return await self.admin.must("PUT", f"/shops/{shop}/policy", {**now, **changes})
