"""A backup holds the whole installation, and a restore is all or nothing."""

from __future__ import annotations

import json
import os
import resource
import stat
import subprocess
import sys
import zipfile
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import asyncpg
import numpy as np
import pytest

from bot.domain.account import Account, Membership, Organisation, ShopScope
from bot.domain.auto_turn import Finished, SendState
from bot.domain.channels import DeliveryState
from bot.domain.conversation import Buyer
from bot.domain.service_policy import ServicePolicy
from bot.domain.shop import Shop
from bot.ports import Event, HeldMessage, NewMessage, NotFound, Phrase
from bot.ports.auto_turns import Stopped
from bot.storage.accounts import PostgresAccounts
from bot.storage.archive import BackupRefused, Manifest, write_archive
from bot.storage.auto_turns import PostgresAutoTurns
from bot.storage.backup import backup, restore
from bot.storage.channels import PostgresChannels
from bot.storage.conversations import PostgresConversations
from bot.storage.database import Database
from bot.storage.embedded import EmbeddedPostgres
from bot.storage.entries import PostgresEntries
from bot.storage.events import PostgresEvents
from bot.storage.fact_sources import PostgresFactSources
from bot.storage.facts import PostgresFacts
from bot.storage.migration import head_revision, migrate
from bot.storage.shops import PostgresShops
from bot.storage.tokens import PostgresTokens
from bot.storage.vectors import PostgresVectors
from tests.contract.auto_turn_contract import a_bubble, a_decision, a_hand_over
from tests.contract.channel_store_contract import HOOK
from tests.contract.conversation_contract import SIMPLIFY
from tests.contract.source_contract import AN_ERP, SECRETS, STATE
from tests.contract.store_contract import FACT, NOW, RULES, FixedClock, a_product, an_entry, an_order

# ruff: noqa: ASYNC221, SIM117 - a process of its own is what is tested; nested blocks read better here


@dataclass(frozen=True)
class Installation:
    """A database of its own."""

    database: Database
    owner_dsn: str
    app_dsn: str


async def make_database(postgres: EmbeddedPostgres, name: str) -> tuple[str, str]:
    """Make an empty database and return the owner's and the application's address."""
    superuser = postgres.owner_dsn.replace("kuaihui_owner@", "postgres@")
    connection = await asyncpg.connect(superuser)
    await connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    await connection.execute(f"CREATE DATABASE {name} OWNER postgres")
    await connection.close()
    # The socket opens only the program's own database to its roles: here the superuser acts as each.
    there = superuser.replace("/kuaihui?", f"/{name}?")
    connection = await asyncpg.connect(there)
    await connection.execute("GRANT ALL ON SCHEMA public TO kuaihui_owner")
    await connection.close()
    return f"{there}&options=-c%20role%3Dkuaihui_owner", f"{there}&options=-c%20role%3Dkuaihui_app"


@pytest.fixture
async def source(postgres: EmbeddedPostgres) -> AsyncIterator[Installation]:
    """An installation of two shops with something in every table."""
    owner, app = await make_database(postgres, "source")
    await migrate(owner)
    database = Database(app)
    await fill(database)
    yield Installation(database, owner, app)
    await database.close()


async def fill(database: Database) -> None:
    for shop in ("north", "south"):
        await PostgresShops(database).put_shop(Shop(shop, shop, aliases=("别名",)))
        await PostgresEntries(database).put_entries(shop, [an_entry(reply=f"{shop}\n回复"), an_entry("gone")])
        await PostgresEntries(database).delete_entry(shop, "gone")
        facts = PostgresFacts(database)
        await facts.put_products(shop, [a_product()])
        await facts.put_shipping(shop, RULES)
        await facts.put_facts(shop, [FACT])
        await facts.put_orders(shop, [an_order("1")])
        await PostgresVectors(database).put_vectors(shop, "model", {"有货吗": np.array([0.1, 2], np.float32)})
        await PostgresEvents(database).append(shop, [Event("message_in", NOW, "c", {"text": "a\nb"})])


@pytest.fixture
async def target(postgres: EmbeddedPostgres) -> AsyncIterator[Installation]:
    """An empty database."""
    owner, app = await make_database(postgres, "target")
    database = Database(app)
    yield Installation(database, owner, app)
    await database.close()


async def contents(database: Database) -> list[object]:
    """Return all that can be read of an installation."""
    shops = PostgresShops(database)
    found: list[object] = []
    for shop in await shops.list_shops(None):
        snapshot = await shops.load_snapshot(shop.id)
        vectors = await PostgresVectors(database).load_vectors(shop.id, "model")
        found += [shop, snapshot.entries, snapshot.products, snapshot.shipping, snapshot.facts]
        found += [
            await PostgresFacts(database).list_orders(shop.id, 9),
            await PostgresEvents(database).read(shop.id, 9),
        ]
        sources = PostgresFactSources(database)
        found += [await sources.list_sources(shop.id), await sources.get_secrets(shop.id, AN_ERP.id)]
        channels = PostgresChannels(database)
        found += [await channels.list_channels(shop.id), await channels.get_secrets(shop.id, HOOK.id)]
        found += [{phrasing: vector.tolist() for phrasing, vector in vectors.items()}]
    return found


async def test_a_restored_installation_is_the_one_that_was_backed_up(
    source: Installation, target: Installation, tmp_path: Path
) -> None:
    tokens = PostgresTokens(source.database, FixedClock())
    token, grant = await tokens.create_token("t", ["north"], may_write=True, expires_at=None)
    for shop in ("north", "south"):
        await PostgresFactSources(source.database).put_source(shop, AN_ERP, SECRETS, STATE, NOW)
        await PostgresChannels(source.database).put_channel(shop, HOOK, {"secret": shop}, NOW)
    file = tmp_path / "all.kuaihui"
    written = await backup(source.app_dsn, file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    restored = await restore(target.owner_dsn, file)
    assert restored == written
    assert (restored.shops, restored.rows > 20) == (2, True)
    assert await contents(target.database) == await contents(source.database)
    assert await PostgresTokens(target.database, FixedClock()).find_grant(token) == grant
    due = await PostgresFactSources(target.database).claim_due(NOW, 9, ())
    assert [each.shop for each in due] == ["north", "south"]
    await PostgresEvents(target.database).append("north", [Event("message_in", NOW, "later")])
    assert len(await PostgresEvents(target.database).read("north", 9)) == 2


async def test_what_was_on_its_way_to_a_channel_is_not_sent_days_later_but_seen(
    source: Installation, target: Installation, tmp_path: Path
) -> None:
    channels, store = PostgresChannels(source.database), PostgresConversations(source.database, SIMPLIFY)
    await channels.put_channel("north", HOOK, {"secret": "north"}, NOW)
    conversation = (await store.open_conversation("north", Buyer("", "", "webhook:hook", "b-1"), NOW)).id
    for key in ("k-1", "k-2"):
        await store.write_message("north", conversation, NewMessage("agent", key, NOW, key), lambda _: {})
    [due] = await channels.deliveries_due(NOW, 9)
    first = await channels.begin_delivery(due)
    assert first is not None
    sent = replace(first, state=DeliveryState.SENT, external_id="x-1", settled_at=NOW)
    await channels.settle_delivery("north", sent)
    await backup(source.app_dsn, tmp_path / "all.kuaihui")
    await restore(target.owner_dsn, tmp_path / "all.kuaihui")
    restored = PostgresChannels(target.database)
    assert await restored.deliveries_due(NOW + timedelta(days=3), 9) == []
    kept, stopped = await restored.deliveries_of("north", conversation, [1, 2])
    assert (kept, stopped.state, bool(stopped.error)) == (sent, DeliveryState.DEAD, True)
    await restored.retry_delivery("north", conversation, stopped.position, NOW)
    assert len(await restored.deliveries_due(NOW, 9)) == 1


async def talk(database: Database) -> str:
    """Let a buyer and an agent of shop north speak; return the conversation."""
    store, accounts = PostgresConversations(database, SIMPLIFY), PostgresAccounts(database, FixedClock())
    await accounts.put_organisation(Organisation("office", "客服公司", frozenset({"north"})))
    agent = Account("u-1", "office", "agent", "客服一")
    await accounts.create_accounts([(agent, "hash")], [Membership("u-1", "north", "agent")])
    await accounts.create_session("u-1", "secret", "csrf", NOW + timedelta(hours=9), "")
    opened = await store.open_conversation("north", Buyer("", "买家", "web", "x-1"), NOW)
    said = NewMessage("buyer", "发什么快递", NOW, "k-1")
    await store.write_message("north", opened.id, said, lambda _: {"waiting_since": NOW, "unread": 1})
    await store.put_image("north", opened.id, "image/png", bytes(range(256)))
    await store.put_phrase("north", "u-1", Phrase("p-1", "zj", "再见"))
    await store.put_policy("north", ServicePolicy(notice="今天不发货"))
    held = HeldMessage(opened.id, NewMessage("agent", "发顺丰", NOW, "k-2", "u-1"), NOW)
    await store.hold_message("north", held)
    return opened.id


async def test_conversations_and_accounts_come_back_and_what_was_of_the_moment_does_not(
    source: Installation, target: Installation, tmp_path: Path
) -> None:
    conversation = await talk(source.database)
    before, after = (
        PostgresConversations(source.database, SIMPLIFY),
        PostgresConversations(target.database, SIMPLIFY),
    )
    file = tmp_path / "all.kuaihui"
    await backup(source.app_dsn, file)
    await restore(target.owner_dsn, file)
    for read in (
        lambda store: store.get_conversation("north", conversation),
        lambda store: store.list_messages("north", conversation, 9),
        lambda store: store.search_messages(ShopScope("u-1", frozenset({"north"})), "快递", 9),
        lambda store: store.list_phrases("north", "u-1"),
        lambda store: store.get_policy("north"),
    ):
        assert await read(after) == await read(before)
    accounts = PostgresAccounts(target.database, FixedClock())
    assert await accounts.find_login("agent") == (Account("u-1", "office", "agent", "客服一"), "hash")
    assert [each.shop for each in await accounts.memberships_of("u-1")] == ["north"]
    assert await accounts.find_session("secret") is None
    assert await after.held_of("north", conversation) == []
    assert await after.held_due(NOW + timedelta(hours=1), 9) == []


async def test_what_software_decided_comes_back_and_nothing_is_said_or_decided_days_later(
    source: Installation, target: Installation, tmp_path: Path
) -> None:
    conversation = await talk(source.database)
    store, before = PostgresConversations(source.database, SIMPLIFY), PostgresAutoTurns(source.database)
    opened = await store.get_conversation("north", conversation)
    bubbles = (a_bubble(opened, "sent"), a_bubble(opened, "waiting", 1))
    finished = Finished(a_decision(), bubbles, a_hand_over(), ({"event": "slot"},))
    await before.finish_turn("north", conversation, finished, lambda _: {})
    await before.settle_send("north", "sent", SendState.SENT, NOW)
    await store.change_conversation("north", conversation, lambda _: {"auto_at": NOW})
    await before.put_stop(Stopped(True, NOW, "u-1"))
    file = tmp_path / "all.kuaihui"
    await backup(source.app_dsn, file)
    await restore(target.owner_dsn, file)
    after = PostgresAutoTurns(target.database)
    assert await after.list_decisions("north", conversation, 9) == [a_decision()]
    assert await after.list_hand_overs("north", conversation, 9) == [a_hand_over()]
    assert [each.key for each in await after.list_sends("north", list(SendState), 9)] == ["sent"]
    assert list((await after.read_turn("north", conversation, 9)).events) == [{"event": "slot"}]
    # A switch that was thrown stays thrown.
    assert await after.get_stop() == Stopped(True, NOW, "u-1")
    await after.put_stop(Stopped())
    assert await after.turns_due(NOW + timedelta(hours=1), 9) == []
    assert await after.sends_due(NOW + timedelta(hours=1), 9) == []


async def test_after_a_restore_the_feeds_go_on_above_what_open_pages_have_read(
    source: Installation, target: Installation, tmp_path: Path
) -> None:
    file = tmp_path / "all.kuaihui"
    await backup(source.app_dsn, file)
    await talk(source.database)
    store = PostgresConversations(source.database, SIMPLIFY)
    read = await store.feed_numbers(["north", "south"])
    await restore(source.owner_dsn, file, overwrite=True)
    numbers = await store.feed_numbers(["north", "south"])
    assert all(numbers[shop] > max(read.values()) for shop in ("north", "south"))
    with pytest.raises(NotFound):
        await store.feed_since("north", read["north"], 9)


async def test_a_database_that_holds_shops_is_overwritten_only_when_asked(
    source: Installation, tmp_path: Path
) -> None:
    file = tmp_path / "all.kuaihui"
    await backup(source.app_dsn, file)
    before = await contents(source.database)
    shops = PostgresShops(source.database)
    await shops.put_shop(Shop("later", "later"))
    await PostgresEntries(source.database).put_entries("north", [], replace=True)
    versions = await shops.versions()
    with pytest.raises(BackupRefused, match="overwrite"):
        await restore(source.owner_dsn, file)
    assert await shops.versions() == versions
    await restore(source.owner_dsn, file, overwrite=True)
    assert await contents(source.database) == before
    after = await shops.versions()
    assert "later" not in after
    assert all(after[shop] > max(versions.values()) for shop in after)


@pytest.mark.parametrize("damage", ["truncated", "flipped", "not a zip", "empty", "missing"])
async def test_a_damaged_file_is_refused_before_anything_is_touched(
    source: Installation, tmp_path: Path, damage: str
) -> None:
    file = tmp_path / "all.kuaihui"
    await backup(source.app_dsn, file)
    whole = file.read_bytes()
    middle = len(whole) // 3
    flipped = whole[:middle] + bytes([whole[middle] ^ 0xFF]) + whole[middle + 1 :]
    ways = {"truncated": whole[:-200], "flipped": flipped, "not a zip": b"{}", "empty": b""}
    if damage == "missing":
        file.unlink()
    else:
        file.write_bytes(ways[damage])
    before = await contents(source.database)
    with pytest.raises(BackupRefused, match=r"all\.kuaihui"):
        await restore(source.owner_dsn, file, overwrite=True)
    assert await contents(source.database) == before


async def test_a_file_with_one_shops_rows_under_anothers_name_is_refused_whole(
    source: Installation, target: Installation, tmp_path: Path
) -> None:
    file = tmp_path / "all.kuaihui"
    await backup(source.app_dsn, file)
    forged = tmp_path / "forged.kuaihui"
    with zipfile.ZipFile(file) as old, write_archive(forged, Manifest(head_revision(), "now")) as new:
        with new.member("shops/north.jsonl") as member:
            for line in old.read("shops/south.jsonl").decode().splitlines():
                member.line(line)
    with pytest.raises(BackupRefused):
        await restore(target.owner_dsn, forged)
    await migrate(target.owner_dsn)
    assert await contents(target.database) == []


async def test_rows_of_unknown_tables_and_columns_are_refused(target: Installation, tmp_path: Path) -> None:
    lines: tuple[object, ...] = (
        {"table": "pg_authid", "row": {"rolname": "x"}},
        {"table": "shops", "row": {'shop_id") SELECT 1; --': "x"}},
        {"table": "shops", "row": {"no_such_column": "x"}},
        {"table": "shops", "row": []},
        [],
    )
    for line in lines:
        forged = tmp_path / "forged.kuaihui"
        with write_archive(forged, Manifest(head_revision(), "now")) as archive:
            with archive.member("shops/north.jsonl") as member:
                member.line(json.dumps(line))
        with pytest.raises(BackupRefused):
            await restore(target.owner_dsn, forged)


async def test_a_backup_of_the_first_tables_is_brought_up_to_the_present_ones(
    source: Installation, target: Installation, tmp_path: Path
) -> None:
    file, first = tmp_path / "all.kuaihui", tmp_path / "first.kuaihui"
    await backup(source.app_dsn, file)
    with zipfile.ZipFile(file) as present, write_archive(first, Manifest("0001", "now")) as old:
        for name in (name for name in present.namelist() if name.endswith(".jsonl")):
            with old.member(name) as member:
                for line in map(json.loads, present.read(name).decode().splitlines()):
                    if line["table"] == "events":
                        del line["row"]["message"]
                    if line["table"] == "variants":
                        del line["row"]["stock_as_of"]
                    if line["table"] == "entries":
                        del line["row"]["image"]
                    if line["table"] != "entry_versions":
                        member.line(json.dumps(line, ensure_ascii=False))
    await restore(target.owner_dsn, first)
    assert await contents(target.database) == await contents(source.database)
    assert (await PostgresEvents(target.database).read("north", 9))[0].message == ""


async def test_a_backup_of_earlier_tables_takes_the_place_of_the_present_ones(
    source: Installation, tmp_path: Path
) -> None:
    file, first = tmp_path / "all.kuaihui", tmp_path / "first.kuaihui"
    before = await contents(source.database)
    await backup(source.app_dsn, file)
    with zipfile.ZipFile(file) as present, write_archive(first, Manifest("0004", "now")) as old:
        for name in (name for name in present.namelist() if name.endswith(".jsonl")):
            with old.member(name) as member:
                for line in map(json.loads, present.read(name).decode().splitlines()):
                    if line["table"] == "variants":
                        del line["row"]["stock_as_of"]
                    if line["table"] == "entries":
                        del line["row"]["image"]
                    if line["table"] not in ("retention", "entry_versions"):
                        member.line(json.dumps(line, ensure_ascii=False))
    await restore(source.owner_dsn, first, overwrite=True)
    assert await contents(source.database) == before


async def test_after_a_restore_no_open_page_takes_its_old_rights_for_the_present_ones(
    source: Installation, tmp_path: Path
) -> None:
    await talk(source.database)
    accounts = PostgresAccounts(source.database, FixedClock())
    file = tmp_path / "all.kuaihui"
    await backup(source.app_dsn, file)
    await accounts.end_membership("u-1", "north", NOW)
    await accounts.put_membership(Membership("u-1", "north", "owner"))
    held = await accounts.access_versions(["u-1"])
    await restore(source.owner_dsn, file, overwrite=True)
    assert (await accounts.access_versions(["u-1"]))["u-1"] > held["u-1"]


async def test_a_backup_of_a_newer_program_is_refused(target: Installation, tmp_path: Path) -> None:
    newer = tmp_path / "newer.kuaihui"
    with write_archive(newer, Manifest("9999", "now")):
        pass
    with pytest.raises(BackupRefused, match="newer"):
        await restore(target.owner_dsn, newer)


async def test_a_place_that_cannot_be_written_is_named(source: Installation, tmp_path: Path) -> None:
    with pytest.raises(BackupRefused, match="nowhere"):
        await backup(source.app_dsn, tmp_path / "nowhere" / "all.kuaihui")


async def test_a_full_disk_leaves_the_old_backup_and_no_half_of_a_new_one(
    source: Installation, tmp_path: Path
) -> None:
    file = tmp_path / "all.kuaihui"
    file.write_bytes(b"the old one")
    script = (
        "import asyncio, resource, signal, sys\n"
        "from pathlib import Path\n"
        "from bot.storage.backup import backup\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "asyncio.run(backup(sys.argv[1], Path(sys.argv[2])))\n"
    )
    assert resource.RLIM_INFINITY in resource.getrlimit(resource.RLIMIT_FSIZE)
    done = subprocess.run(
        [sys.executable, "-c", script, source.app_dsn, str(file)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "BackupRefused" in done.stderr
    assert "the disk is full" in done.stderr
    assert file.read_bytes() == b"the old one"
    assert os.listdir(tmp_path) == ["all.kuaihui"]
