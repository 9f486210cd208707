"""The team's API, for admins: accounts, memberships, bulk creation, the audit log; all of the own organisation."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Final, Literal
from zoneinfo import ZoneInfo

from aiohttp import web
from pydantic import Field

from bot.domain.account import Account, Membership
from bot.domain.entry import Validity
from bot.ports import AuditLine
from bot.services.account_tables import AccountPlan, read_hours, write_hours
from bot.services.managing_accounts import Actor, Credentials
from bot.services.moments import InvalidMoment, parse_moment
from bot.services.rendering import shop_data
from bot.services.tables import UnreadableTable
from bot.web.answers import json_answer
from bot.web.authorisation import caller_of
from bot.web.bodies import Body, read_body
from bot.web.clock import request_time
from bot.web.errors import ApiError
from bot.web.session_routes import Language, Name
from bot.web.sessions import SESSIONS
from bot.web.state import SERVICES
from bot.web.table_bodies import TableBody

_MAX_TABLE: Final = 4 * 1024 * 1024
_MAX_LINES: Final = 500
_SHORT = Annotated[str, Field(max_length=200)]


class NewAccountBody(Body):
    """An account to be made."""

    login: _SHORT
    name: Name
    is_admin: bool = False


class AccountBody(Body):
    """What an admin may change of an account."""

    name: Name
    language: Language
    capacity: Annotated[int, Field(ge=1, le=100)]
    is_admin: bool


class MembershipBody(Body):
    """A role in a shop; from, until and hours ("1-5 18:00-02:00; 6,7 09:00-18:00") in the shop's time zone."""

    role: Literal["agent", "supervisor", "owner"]
    since: Annotated[str, Field(max_length=40)] = ""
    until: Annotated[str, Field(max_length=40)] = ""
    hours: Annotated[str, Field(max_length=500)] = ""


class BulkBody(TableBody):
    """A table of accounts: as text (CSV or TSV), or a file (CSV or XLSX) in base64. A dry run writes nothing."""

    dry_run: bool = False


def _actor(request: web.Request) -> Actor:
    account = caller_of(request).account
    return Actor(account.organisation, account.login, account.id)


async def list_accounts(request: web.Request) -> web.Response:
    """List the organisation's accounts with their memberships, and its shops."""
    roster = await request.app[SERVICES].team.roster(_actor(request).organisation)
    now = request_time(request)
    memberships: dict[str, list[Membership]] = {}
    for membership in roster.memberships:
        memberships.setdefault(membership.account, []).append(membership)
    accounts = [
        {
            **account_data(each),
            "memberships": [membership_data(one, now) for one in memberships.get(each.id, [])],
        }
        for each in roster.accounts
    ]
    return json_answer({"accounts": accounts, "shops": [shop_data(shop) for shop in roster.shops]})


def account_data(account: Account) -> dict[str, Any]:
    """Return an account as an admin sees it."""
    return {
        "id": account.id,
        "login": account.login,
        "name": account.name,
        "language": account.language,
        "capacity": account.capacity,
        "is_admin": account.is_admin,
        "is_disabled": account.is_disabled,
        "must_change_password": account.must_change_password,
    }


def membership_data(membership: Membership, now: datetime) -> dict[str, Any]:
    """Return a membership; its moments in the shop's time zone."""
    validity, zone = membership.validity, ZoneInfo(membership.timezone)

    def moment(value: datetime | None) -> str:
        return value.astimezone(zone).isoformat(timespec="minutes") if value else ""

    return {
        "shop": membership.shop,
        "role": membership.role,
        "since": moment(validity.since),
        "until": moment(validity.until),
        "hours": write_hours(validity.weekly),
        "timezone": membership.timezone,
        "holds_now": membership.holds_at(now),
    }


async def create_account(request: web.Request) -> web.Response:
    """Make an account; its generated password is in this answer and nowhere else."""
    actor = _actor(request)
    body = await read_body(request, NewAccountBody, limit=_MAX_TABLE)
    try:
        made = await request.app[SERVICES].team.create(actor, body.login, body.name, is_admin=body.is_admin)
    except ValueError as error:
        raise ApiError(422, str(error), {"login": str(error)}) from None
    return json_answer(_credentials_data(made), status=201)


def _credentials_data(made: Credentials) -> dict[str, Any]:
    return {"account": account_data(made.account), "password": made.password}


async def update_account(request: web.Request) -> web.Response:
    """Change name, language, capacity and admin of an account."""
    actor = _actor(request)
    body = await read_body(request, AccountBody, limit=_MAX_TABLE)
    changed = await request.app[SERVICES].team.update(
        actor, request.match_info["account"], name=body.name, language=body.language,
        capacity=body.capacity, is_admin=body.is_admin,
    )  # fmt: skip
    request.app[SESSIONS].forget(changed.id)
    return json_answer(account_data(changed))


async def reset_password(request: web.Request) -> web.Response:
    """Give an account a new generated password, shown once; its sessions end."""
    made = await request.app[SERVICES].team.reset_password(_actor(request), request.match_info["account"])
    request.app[SESSIONS].forget(made.account.id)
    return json_answer(_credentials_data(made))


async def offboard(request: web.Request) -> web.Response:
    """Disable an account and end its memberships and sessions, in one step."""
    account = request.match_info["account"]
    await request.app[SERVICES].team.offboard(_actor(request), account)
    request.app[SESSIONS].forget(account)
    return web.Response(status=204)


async def put_membership(request: web.Request) -> web.Response:
    """Give an account a role in a shop of the organisation."""
    actor, team = _actor(request), request.app[SERVICES].team
    body = await read_body(request, MembershipBody, limit=_MAX_TABLE)
    shop = await team.shop_of(actor.organisation, request.match_info["member_shop"])
    validity = _validity(body, ZoneInfo(shop.timezone), request_time(request))
    account = request.match_info["account"]
    membership = await team.put_membership(actor, account, shop.id, body.role, validity)
    request.app[SESSIONS].forget(account)
    return json_answer(membership_data(membership, request_time(request)))


def _validity(body: MembershipBody, zone: ZoneInfo, now: datetime) -> Validity:
    moments: dict[str, datetime | None] = {}
    for field, given in (("since", body.since), ("until", body.until)):
        try:
            moments[field] = parse_moment(given, now, zone) if given.strip() else None
        except InvalidMoment as error:
            raise ApiError(422, str(error), {field: str(error)}) from None
    since, until = moments["since"], moments["until"]
    if since is not None and until is not None and until <= since:
        message = "结束要晚于开始。 The end must lie after the beginning."
        raise ApiError(422, message, {"until": message})
    try:
        return Validity(since, until, read_hours(body.hours))
    except ValueError as error:
        raise ApiError(422, str(error), {"hours": str(error)}) from None


async def end_membership(request: web.Request) -> web.Response:
    """Take an account off a shop; open pages lose the shop within a second."""
    account = request.match_info["account"]
    await request.app[SERVICES].team.end_membership(
        _actor(request), account, request.match_info["member_shop"]
    )
    request.app[SESSIONS].forget(account)
    return web.Response(status=204)


async def create_in_bulk(request: web.Request) -> web.Response:
    """Make accounts from a table, all or nothing; a dry run says what would be made and what is wrong by row."""
    actor, team = _actor(request), request.app[SERVICES].team
    body = await read_body(request, BulkBody, limit=_MAX_TABLE)
    try:
        plan = await team.plan(actor.organisation, body.content(), "表格 table")
    except UnreadableTable as error:
        raise ApiError(422, str(error), {"table": str(error)}) from None
    made = [] if body.dry_run or plan.errors else await team.create_all(actor, plan)
    return json_answer(_plan_data(plan, made))


def _plan_data(plan: AccountPlan, made: list[Credentials]) -> dict[str, Any]:
    passwords = {each.account.login: each.password for each in made}
    accounts: list[dict[str, Any]] = [
        {
            "login": each.login,
            "name": each.name,
            "shops": [shop for shop, _, _ in each.memberships],
            "role": each.memberships[0][1] if each.memberships else "",
            **_limits_data(each.memberships[0][2] if each.memberships else Validity()),
            "password": passwords.get(each.login, ""),
        }
        for each in plan.accounts
    ]
    errors = [{"row": each.row, "column": each.column, "message": each.message} for each in plan.errors]
    return {"created": len(made), "accounts": accounts, "errors": errors}


def _limits_data(validity: Validity) -> dict[str, str]:
    """Return from, until and hours of a row of the table; its moments as they were read, in the shop's time zone."""
    since, until = validity.since, validity.until
    return {
        "since": since.isoformat(timespec="minutes") if since else "",
        "until": until.isoformat(timespec="minutes") if until else "",
        "hours": write_hours(validity.weekly),
    }


async def read_audit(request: web.Request) -> web.Response:
    """Return the newest lines of the audit log; ?before= goes further back."""
    before = _moment_of(request.query)
    lines = await request.app[SERVICES].auditor.read(
        _actor(request).organisation, limit=_limit_of(request.query), before=before
    )
    return json_answer({"lines": [_line_data(line) for line in lines]})


def _moment_of(query: Mapping[str, str]) -> datetime | None:
    given = query.get("before", "")
    try:
        moment = datetime.fromisoformat(given.replace(" ", "+")) if given else None
    except ValueError:
        moment = None
    if given and (moment is None or moment.tzinfo is None):
        raise ApiError(400, "before must be a time of ISO 8601 with its offset")
    return moment


def _limit_of(query: Mapping[str, str]) -> int:
    given = query.get("limit", "100")
    if not (given.isdecimal() and given.isascii() and 0 < int(given[:6]) <= _MAX_LINES and len(given) <= 6):
        raise ApiError(400, f"limit must be a whole number from 1 to {_MAX_LINES}")
    return int(given)


def _line_data(line: AuditLine) -> dict[str, Any]:
    return {
        "at": line.at.isoformat(),
        "kind": line.kind,
        "actor": line.actor,
        "subject": line.subject,
        "shop": line.shop,
        "data": dict(line.data),
    }
