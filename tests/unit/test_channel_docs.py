"""docs/channels.md tells integrators what is so: its example is computed, its documents are read, its numbers are ours."""

from __future__ import annotations

import json
import re
from typing import Any

from bot.channels.webhook import IDEMPOTENCY_KEY, SIGNATURE, TIMESTAMP, WINDOW, sign
from bot.channels.webhook_reading import LONGEST_TEXT, MOST_IMAGES, read_came
from bot.domain.channels import (
    AUTOMATIC_LIFETIME,
    FIRST_WAIT,
    LONGEST_EXTERNAL,
    LONGEST_WAIT,
    PERSONS_LIFETIME,
    Status,
)
from bot.ports.channels import CameMessage
from bot.services.channels import OVERLAP
from bot.services.chat_limits import PACES, REQUEST_BY_CHANNEL
from bot.settings import PROJECT_ROOT
from bot.web.channel_intake import LARGEST
from examples import webhook_client

TEXT = (PROJECT_ROOT / "docs" / "channels.md").read_text(encoding="utf-8")


def _row(name: str) -> str:
    found = re.search(rf"^\| {name} \| `(.+)` \|$", TEXT, re.MULTILINE)
    assert found is not None, name
    return found[1]


def _documents() -> list[dict[str, Any]]:
    return [json.loads(block) for block in re.findall(r"```json\n(.+?)```", TEXT, re.DOTALL)]


def test_the_worked_example_is_right() -> None:
    secret, timestamp, body = _row("secret"), _row("timestamp"), _row("body").encode()
    assert _row("signature") == sign(secret, timestamp, body)
    assert _row("signature") == webhook_client.sign(secret, timestamp, body)
    [came] = read_came(body, vouches=True)
    assert isinstance(came, CameMessage)
    assert came.text == "短袖有货吗"


def test_the_message_that_is_shown_is_one_that_is_taken() -> None:
    [came] = read_came(json.dumps(_documents()[0]).encode(), vouches=True)
    assert isinstance(came, CameMessage)
    assert came.buyer is not None
    assert (came.buyer.verified, came.thread, len(came.images)) == (True, "t-5", 1)


def test_the_headers_and_statuses_are_named() -> None:
    for name in (TIMESTAMP, SIGNATURE, IDEMPOTENCY_KEY):
        assert f"`{name}`" in TEXT
    for status in Status:
        assert f"`{status.value}`" in TEXT


def test_the_numbers_are_ours() -> None:
    minutes = {"five": WINDOW, "ten": AUTOMATIC_LIFETIME}
    assert {name: span.total_seconds() / 60 for name, span in minutes.items()} == {"five": 5, "ten": 10}
    assert (FIRST_WAIT.total_seconds(), LONGEST_WAIT.total_seconds()) == (2, 600)
    assert PERSONS_LIFETIME == OVERLAP
    assert OVERLAP.total_seconds() / 3600 == 24
    assert (LONGEST_TEXT, MOST_IMAGES, LONGEST_EXTERNAL, LARGEST) == (20_000, 9, 200, 1024 * 1024)
    pace = PACES[REQUEST_BY_CHANNEL]
    assert (pace.burst, 1 / pace.seconds) == (500, 50)
    for told in (
        "More than 5 minutes",
        "24 hours",
        "20,000 characters",
        "up to 9",
        "500 at once or 50 a second",
    ):
        assert told in TEXT
