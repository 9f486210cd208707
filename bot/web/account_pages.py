"""The pages /login, /account and /team. They hold the shell and the words; scripts fetch the rest as whoever is signed in."""

from __future__ import annotations

import json
from typing import Any

import aiohttp_jinja2
from aiohttp import web

from bot.web.authorisation import Needs, caller_of, open_to_all, page_for
from bot.web.texts_accounts import account_texts

HOME = "/workspace"
_ALONE = ("/login", "/static", "/api")


def local_path(given: str) -> str:
    """Return the path to go on to after signing in, if it is one of this site; else the workspace."""
    if (
        not given.startswith("/")
        or given.startswith(("//", "/\\"))
        or not given.isprintable()
        or "\\" in given
    ):
        return HOME
    return HOME if given.startswith(_ALONE) else given


@open_to_all
async def show_login(request: web.Request) -> web.StreamResponse:
    """Return the page to sign in."""
    context = _context(request, "")
    context["next"] = local_path(request.query.get("next", ""))
    return aiohttp_jinja2.render_template("login.html", request, context)


@page_for(Needs.IDENTIFIED)
async def show_account(request: web.Request) -> web.StreamResponse:
    """Return the page of one's own account."""
    return aiohttp_jinja2.render_template("account.html", request, _page_context(request))


@page_for(Needs.ADMIN)
async def show_team(request: web.Request) -> web.StreamResponse:
    """Return the page of the organisation's people."""
    return aiohttp_jinja2.render_template("team.html", request, _page_context(request))


def _page_context(request: web.Request) -> dict[str, Any]:
    account = caller_of(request).account
    context = _context(request, account.language)
    return {**context, "is_admin": account.is_admin, "must_change": account.must_change_password}


def _context(request: web.Request, own: str) -> dict[str, Any]:
    texts = account_texts(request.query.get("lang"), request.headers.get("Accept-Language", ""), own)
    return {
        "texts": texts,
        "words": json.dumps(texts, ensure_ascii=False),
        "other_language": "en" if texts["lang"] == "zh" else "zh",
    }
