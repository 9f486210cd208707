"""Copying entries in PostgreSQL: one transaction of the other shop, while the guard has looked into all of them."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.bootstrap.engine import Engine
from bot.domain.account import Account, Caller, Membership, Organisation
from bot.services.documents import EntryDocument
from bot.storage.database import Database
from tests.integration.engines import real_parts, running, two_shops


@pytest.fixture
async def engine(database: Database) -> AsyncIterator[Engine]:
    async with running(real_parts(database)) as engine:
        await engine.parts.accounts.put_organisation(Organisation("org-copies", "机构"))
        await engine.workspace.guard._read_all()
        yield engine


async def test_entries_are_copied_with_their_numbers_looked_up_and_both_lines_of_the_audit_log(
    engine: Engine,
) -> None:
    left, right = await two_shops(engine.parts)
    await engine.workspace.guard._read_all()
    account = Account("u-copies", "org-copies", "owner", "店主")
    caller = Caller(account, tuple(Membership(account.id, each.shop, "owner") for each in (left, right)))
    reply = f"单号 {left.order_no} 的{left.word}小店已经发出"
    await engine.editor.create_entry(
        left.shop, EntryDocument(id="sent", group="other", question="发了吗", reply=reply)
    )
    before = await engine.editor.list_entries(left.shop)
    report = await engine.records.copies.copy(
        caller, left.shop, right.shop, ["sent", "invoice"], publish=True, dry_run=False
    )
    assert report.written == 2
    assert {("foreign", left.order_no), ("name", f"{left.word}小店")} <= {
        (each.kind, each.text) for each in report.entries[0].warnings
    }
    copy = await engine.editor.get_entry(right.shop, "sent")
    assert (copy.status, copy.reply) == ("draft", reply)
    assert await engine.editor.list_entries(left.shop) == before
    lines = [line for line in await engine.auditor.read("org-copies") if line.kind == "entries_copied"]
    assert {line.shop for line in lines} == {left.shop, right.shop}
