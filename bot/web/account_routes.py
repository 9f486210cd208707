"""The routes of accounts: signing in, one's own account, and the team's for its admins."""

from __future__ import annotations

from bot.web import session_routes
from bot.web.authorisation import Needs
from bot.web.route_table import BASE, ApiRoute
from bot.web.session_routes import MeBody, PasswordBody, SignInBody

ME = f"{BASE}/me"

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
)
