"""What entries were before, by whom and when. History begins with what each entry is now."""

from __future__ import annotations

from typing import Final

from alembic import op

revision = "0007"
down_revision = "0006"

_TABLE: Final = """
CREATE TABLE entry_versions (
    shop_id TEXT NOT NULL,
    entry_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    author TEXT NOT NULL,
    document JSON,
    CONSTRAINT entry_versions_pkey PRIMARY KEY (shop_id, entry_id, version),
    CONSTRAINT entry_versions_shop_id_entry_id_fkey
        FOREIGN KEY (shop_id, entry_id)
        REFERENCES entries (shop_id, entry_id) ON DELETE CASCADE,
    CONSTRAINT entry_versions_shop_id_check CHECK (shop_id <> ''),
    CONSTRAINT entry_versions_shop_id_fkey FOREIGN KEY (shop_id) REFERENCES shops (shop_id) ON DELETE CASCADE
)
"""
_WORDS: Final = (
    "group",
    "question",
    "reply",
    "phrasings",
    "intent",
    "cases",
    "fallback",
    "scope",
    "validity",
    "short_code",
    "language",
    "status",
)
_ONE_SHOP: Final = "shop_id = NULLIF(current_setting('kuaihui.shop', true), '')"


def upgrade() -> None:
    op.execute(_TABLE)
    document = ", ".join(f"'{name}', \"{name}\"" for name in _WORDS)
    # The owner, too, sees one shop's rows at a time: for these statements, within the transaction, every shop's.
    op.execute("ALTER TABLE entries NO FORCE ROW LEVEL SECURITY")
    op.execute(
        "INSERT INTO entry_versions (shop_id, entry_id, version, at, author, document) "  # noqa: S608
        "SELECT shop_id, entry_id, version, changed_at, '', "
        f"CASE WHEN status = 'deleted' THEN NULL ELSE json_build_object({document}) END FROM entries"
    )
    op.execute("ALTER TABLE entries FORCE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE entry_versions ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE entry_versions FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY one_shop ON entry_versions USING ({_ONE_SHOP}) WITH CHECK ({_ONE_SHOP})")
