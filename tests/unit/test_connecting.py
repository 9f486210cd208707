"""What the pool of connections says, and what it keeps to itself."""

from __future__ import annotations

import asyncio
import logging

import asyncpg
import pytest

from bot.ports import StoreUnavailable
from bot.storage.connecting import make_engine, translated_errors


@pytest.mark.parametrize(("error", "said"), [(asyncio.CancelledError(), False), (OSError("gone"), True)])
async def test_a_connection_cut_short_by_ctrl_c_is_no_line_of_the_log(
    error: BaseException, said: bool, caplog: pytest.LogCaptureFixture
) -> None:
    engine = make_engine("postgresql://nobody@127.0.0.1:1/none", pool_size=1, statement_seconds=1)
    pool = logging.getLogger(f"{type(engine.pool).__module__}.{type(engine.pool).__name__}")
    try:
        raise error
    except (asyncio.CancelledError, OSError) as caught:
        pool.error("Exception closing connection", exc_info=caught)
    assert bool(caplog.records) is said
    await engine.dispose()


def test_a_connection_cut_in_the_middle_of_an_answer_is_a_database_that_is_away() -> None:
    with pytest.raises(StoreUnavailable), translated_errors():
        raise asyncpg.InternalClientError("cannot switch to state 12; another operation (2) is in progress")
