"""The site on which Rasa has its custom actions run: one route, a secret, on a listener that only Rasa's machine reaches.

It is an application of its own, never part of the public one. What an action raises is told to nobody but the log, by its
type: its words may hold a buyer's.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from aiohttp import web

from bot.domain.dialogue_secret import SECRET_HEADER, is_secret

if TYPE_CHECKING:
    from rasa_sdk import Action
    from rasa_sdk.executor import ActionExecutor

_log = logging.getLogger(__name__)

ACTIONS_PATH: Final = "/actions"
_MOST_BYTES: Final = 2_000_000


def create_action_site(actions: Iterable[Action], secret: str) -> web.Application:
    """Return the application that runs these instances for whoever knows the secret."""
    # Only here: rasa-sdk brings half a second of imports that no other process needs.
    from rasa_sdk.executor import ActionExecutor

    executor = ActionExecutor()
    for action in actions:
        executor.register_action(action)

    async def run(request: web.Request) -> web.Response:
        if not is_secret(request.headers.get(SECRET_HEADER, ""), secret):
            return _refusal(401, "the secret is wrong")
        return await _run(executor, request)

    site = web.Application(client_max_size=_MOST_BYTES)
    site.router.add_post(ACTIONS_PATH, run)
    return site


async def _run(executor: ActionExecutor, request: web.Request) -> web.Response:
    try:
        call = await request.json()
    except ValueError:
        return _refusal(400, "the body is not JSON")
    name = call.get("next_action") if isinstance(call, dict) else None
    if not isinstance(name, str) or not isinstance(call.get("tracker"), dict):
        return _refusal(400, "expected next_action and tracker", name)
    if name not in executor.actions:
        _log.error("Rasa asked for the action %.80r, which is not there: train it anew", name)
        return _refusal(404, "no such action", name)
    return await _outcome(executor, name, {**call, "domain": call.get("domain") or {}})


async def _outcome(executor: ActionExecutor, name: str, call: dict[str, Any]) -> web.Response:
    from rasa_sdk.interfaces import ActionExecutionRejection

    try:
        result = await executor.run(call)
    except ActionExecutionRejection:
        # Rasa looks for another rule then.
        return _refusal(400, "the action does not apply", name)
    except Exception as error:  # noqa: BLE001 - whatever it is, the turn fails and nothing leaks
        _log.error("the action %s failed: %s%s", name, type(error).__name__, _where(error))
        return _refusal(500, "the action failed", name)
    assert result is not None
    return web.json_response(result.model_dump())


def _where(error: BaseException) -> str:
    """Return the innermost place in our own code, for the log."""
    frame = error.__traceback__
    places = []
    while frame is not None:
        code = frame.tb_frame.f_code
        places.append(f" at {code.co_filename}:{frame.tb_lineno} in {code.co_name}")
        frame = frame.tb_next
    return places[-1] if places else ""


def _refusal(status: int, why: str, name: object = "") -> web.Response:
    return web.json_response(
        {"error": why, "action_name": name if isinstance(name, str) else ""}, status=status
    )
