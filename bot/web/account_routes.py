"""The routes of accounts: signing in, one's own account, and the team's for its admins."""

from __future__ import annotations

from bot.web import account_api, session_routes
from bot.web.account_api import AccountBody, BulkBody, MembershipBody, NewAccountBody
from bot.web.authorisation import Needs
from bot.web.route_table import BASE, ApiRoute
from bot.web.session_routes import MeBody, PasswordBody, SignInBody

ME = f"{BASE}/me"
TEAM = f"{BASE}/team"
ACCOUNT = f"{TEAM}/accounts/{{account}}"

ACCOUNT_ROUTES = (
    ApiRoute(
        "POST",
        f"{BASE}/session",
        session_routes.sign_in,
        SignInBody,
        "SignedIn",
        (200, 429),
        needs=Needs.OPEN,
    ),
    ApiRoute("DELETE", f"{BASE}/session", session_routes.sign_out, answers=(204,), needs=Needs.IDENTIFIED),
    ApiRoute("GET", ME, session_routes.get_me, returns="Me", needs=Needs.IDENTIFIED),
    ApiRoute("PUT", ME, session_routes.update_me, MeBody, "Me", needs=Needs.SIGNED_IN),
    ApiRoute(
        "PUT",
        f"{ME}/password",
        session_routes.change_password,
        PasswordBody,
        "SignedIn",
        (200, 429),
        needs=Needs.IDENTIFIED,
    ),
    ApiRoute(
        "GET", f"{ME}/sessions", session_routes.list_sessions, returns="Sessions", needs=Needs.SIGNED_IN
    ),
    ApiRoute(
        "DELETE",
        f"{ME}/sessions/{{session}}",
        session_routes.end_session,
        answers=(204,),
        needs=Needs.SIGNED_IN,
    ),
    ApiRoute("GET", f"{TEAM}/accounts", account_api.list_accounts, returns="Team", needs=Needs.ADMIN),
    ApiRoute(
        "POST",
        f"{TEAM}/accounts",
        account_api.create_account,
        NewAccountBody,
        "Credentials",
        (201, 409),
        needs=Needs.ADMIN,
    ),
    ApiRoute(
        "POST",
        f"{TEAM}/accounts/bulk",
        account_api.create_in_bulk,
        BulkBody,
        "Bulk",
        (200, 409),
        needs=Needs.ADMIN,
    ),
    ApiRoute(
        "PUT", ACCOUNT, account_api.update_account, AccountBody, "TeamAccount", (200, 409), needs=Needs.ADMIN
    ),
    ApiRoute(
        "POST",
        f"{ACCOUNT}/password",
        account_api.reset_password,
        returns="Credentials",
        answers=(200, 409),
        needs=Needs.ADMIN,
    ),
    ApiRoute("POST", f"{ACCOUNT}/offboard", account_api.offboard, answers=(204, 409), needs=Needs.ADMIN),
    ApiRoute(
        "PUT",
        f"{ACCOUNT}/memberships/{{member_shop}}",
        account_api.put_membership,
        MembershipBody,
        "Membership",
        (200, 409),
        needs=Needs.ADMIN,
    ),
    ApiRoute(
        "DELETE",
        f"{ACCOUNT}/memberships/{{member_shop}}",
        account_api.end_membership,
        answers=(204,),
        needs=Needs.ADMIN,
    ),
    ApiRoute("GET", f"{TEAM}/audit", account_api.read_audit, returns="Audit", needs=Needs.ADMIN),
)
