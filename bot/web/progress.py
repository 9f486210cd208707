"""Answers to work that takes seconds: told step by step to whoever asks for application/x-ndjson, else at its end."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import hdrs, web

from bot.web.content_policy import content_policy
from bot.web.errors import error_middleware

LINES: Final = "application/x-ndjson"
Tick = Callable[[int, int], None]
"""Called with how many more were done, and of how many in all."""


async def answer_with_progress(
    request: web.Request, work: Callable[[Tick], Awaitable[web.Response]]
) -> web.StreamResponse:
    """Return what `work` answers. Who accepts LINES reads {"done", "of"} meanwhile, and at last {"status", "answer"}.

    Work goes on to its end when its reader has left: what it has begun, it finishes.
    """
    if LINES not in request.headers.get(hdrs.ACCEPT, ""):
        return await work(_tell_nobody)
    steps: asyncio.Queue[tuple[int, int] | None] = asyncio.Queue()

    async def run(_: web.Request) -> web.StreamResponse:
        return await work(lambda done, of: steps.put_nowait((done, of)))

    response = web.StreamResponse(
        headers={
            "Content-Type": f"{LINES}; charset=utf-8",
            "Cache-Control": "no-store",
            "Content-Security-Policy": content_policy(),
            "X-Content-Type-Options": "nosniff",
        }
    )
    async with asyncio.TaskGroup() as group:
        task = group.create_task(_to_its_end(request, run))
        task.add_done_callback(lambda _: steps.put_nowait(None))
        try:
            await response.prepare(request)
            await _tell_steps(response, steps)
        except ConnectionError:
            return response
    try:
        await response.write(_last_line(task.result()))
        await response.write_eof()
    except ConnectionError:
        pass  # nobody reads it any more
    return response


async def _to_its_end(
    request: web.Request, run: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.Response:
    """Return the answer, refusals included: the headers have left already, so that nobody else can make one of them."""
    answer = await error_middleware(request, run)
    assert isinstance(answer, web.Response)
    return answer


async def _tell_steps(response: web.StreamResponse, steps: asyncio.Queue[tuple[int, int] | None]) -> None:
    done = 0
    while (step := await steps.get()) is not None:
        done += step[0]
        await response.write(json.dumps({"done": done, "of": step[1]}).encode() + b"\n")


def _last_line(answer: web.Response) -> bytes:
    body = answer.body if isinstance(answer.body, bytes) else b"null"
    return b'{"status": %d, "answer": %s}\n' % (answer.status, body)


def _tell_nobody(done: int, of: int) -> None:
    """Be the Tick of who waits for the end."""
