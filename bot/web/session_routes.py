"""Signing in and out, and what a signed-in person may know and change of the own account."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Literal

from aiohttp import hdrs, web
from pydantic import AfterValidator, Field

from bot.domain.account import RIGHTS, Caller, Right
from bot.services import auditing
from bot.services.passwords import UnfitPassword
from bot.services.signing_in import NewSession, TooManyAttempts, WrongCredentials, WrongPassword
from bot.web.addresses import client_address
from bot.web.answers import json_answer
from bot.web.authorisation import caller_of, csrf_of
from bot.web.bodies import Body, read_body
from bot.web.clock import request_time
from bot.web.csrf import require_same_origin
from bot.web.errors import ApiError
from bot.web.sessions import SESSIONS, drop_cookie, set_cookie
from bot.web.state import SERVICES

_MAX_BODY = 16 * 1024


def _printable(value: str) -> str:
    if not value.isprintable():
        raise ValueError("含有不可见字符。 holds characters that cannot be seen")
    return value.strip()


Name = Annotated[str, Field(min_length=1, max_length=40), AfterValidator(_printable), Field(min_length=1)]
Secret = Annotated[str, Field(max_length=1000)]
Language = Literal["zh", "en"]


class SignInBody(Body):
    """Login and password."""

    login: Secret
    password: Secret


class PasswordBody(Body):
    """The old password and the new one."""

    old: Secret
    new: Secret


class MeBody(Body):
    """What a person may change of the own account."""

    name: Name
    language: Language


async def sign_in(request: web.Request) -> web.Response:
    """Sign in; the session is set as a cookie."""
    require_same_origin(request)
    body = await read_body(request, SignInBody, limit=_MAX_BODY)
    try:
        session = await request.app[SERVICES].signing_in.sign_in(
            body.login, body.password, client_address(request), _agent(request)
        )
    except WrongCredentials as error:
        raise ApiError(401, str(error)) from None
    except TooManyAttempts as error:
        raise _too_many(error) from None
    return await _answer_session(request, session)


def _agent(request: web.Request) -> str:
    """Return what the browser calls itself, as it can be stored: a header may hold any bytes."""
    named = request.headers.get(hdrs.USER_AGENT, "").replace("\0", "")
    return named.encode("utf-8", "replace").decode()


def _too_many(error: TooManyAttempts) -> ApiError:
    return ApiError(429, str(error), headers={"Retry-After": str(error.retry_after)})


async def _answer_session(request: web.Request, session: NewSession) -> web.Response:
    signed_in = session.signed_in
    me = await _me(request, signed_in.caller, signed_in.csrf)
    response = json_answer({"me": me, "csrf": signed_in.csrf})
    set_cookie(request, response, session.secret, signed_in.expires_at)
    return response


async def sign_out(request: web.Request) -> web.Response:
    """Sign out: the session ends here and in every open page."""
    caller = caller_of(request)
    await request.app[SERVICES].signing_in.sign_out(caller)
    request.app[SESSIONS].forget(caller.account.id)
    response = web.Response(status=204)
    drop_cookie(request, response)
    return response


async def get_me(request: web.Request) -> web.Response:
    """Return who is signed in, with the shops and the rights in each now."""
    return json_answer(await _me(request, caller_of(request), csrf_of(request)))


async def _me(request: web.Request, caller: Caller, csrf: str) -> dict[str, Any]:
    services, now = request.app[SERVICES], request_time(request)
    organisation = await services.accounts.get_organisation(caller.account.organisation)
    roles = {each.shop: each.role for each in caller.memberships}
    # Asked for by name: list_shops without names would be all shops.
    readable = sorted(caller.shops_with(Right.READ, now))
    shops = await services.shops.list_shops(readable) if readable else []
    return {
        "account": account_data(caller),
        "csrf": csrf,
        "organisation": {"id": organisation.id, "name": organisation.name},
        "shops": [
            {
                "id": shop.id,
                "name": shop.name,
                "name_en": shop.name_en,
                "colour": shop.colour,
                "avatar": shop.avatar,
                "role": roles[shop.id],
                "rights": sorted(RIGHTS[roles[shop.id]]),
            }
            for shop in shops
        ],
        "server_time": now.isoformat(),
    }


def account_data(caller: Caller) -> dict[str, Any]:
    """Return the account as its owner sees it."""
    account = caller.account
    return {
        "id": account.id,
        "login": account.login,
        "name": account.name,
        "language": account.language,
        "is_admin": account.is_admin,
        "must_change_password": account.must_change_password,
        "capacity": account.capacity,
    }


async def update_me(request: web.Request) -> web.Response:
    """Change the own name and language."""
    body = await read_body(request, MeBody, limit=_MAX_BODY)
    caller, services = caller_of(request), request.app[SERVICES]
    changed = await services.accounts.update_profile(caller.account.id, body.name, body.language)
    await services.auditor.record(auditing.ACCOUNT_CHANGED, changed, subject=changed.login, name=changed.name)
    request.app[SESSIONS].forget(changed.id)
    return json_answer(await _me(request, replace(caller, account=changed), csrf_of(request)))


async def change_password(request: web.Request) -> web.Response:
    """Change the own password; every other session ends, this one gets a new cookie."""
    caller = caller_of(request)
    body = await read_body(request, PasswordBody, limit=_MAX_BODY)
    try:
        session = await request.app[SERVICES].signing_in.change_password(
            caller, body.old, body.new, _agent(request)
        )
    except WrongPassword as error:
        raise ApiError(422, str(error), {"old": str(error)}) from None
    except UnfitPassword as error:
        raise ApiError(422, str(error), {"new": str(error)}) from None
    except TooManyAttempts as error:
        raise _too_many(error) from None
    request.app[SESSIONS].forget(caller.account.id)
    return await _answer_session(request, session)


async def list_sessions(request: web.Request) -> web.Response:
    """List the own live sessions, newest first."""
    caller = caller_of(request)
    sessions = await request.app[SERVICES].signing_in.list_sessions(caller)
    rows = [
        {
            "id": each.id,
            "agent": each.agent,
            "created_at": each.created_at.isoformat(),
            "expires_at": each.expires_at.isoformat(),
            "is_this": each.id == caller.session,
        }
        for each in sessions
    ]
    return json_answer({"sessions": rows})


async def end_session(request: web.Request) -> web.Response:
    """End one of the own sessions."""
    caller = caller_of(request)
    await request.app[SERVICES].signing_in.end_session(caller, request.match_info["session"])
    request.app[SESSIONS].forget(caller.account.id)
    return web.Response(status=204)
