"""A running application for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.web.memory_app import Served, serve


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    """The application as the public address serves it."""
    served = await serve()
    yield served
    await served.client.close()
    await served.engine.close()


@pytest.fixture
async def operator() -> AsyncIterator[Served]:
    """The application as the operator's own socket serves it."""
    served = await serve(trusts_caller=True)
    yield served
    await served.client.close()
    await served.engine.close()
