"""Events name the message they are about, and are found by it and by their kind."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.execute("ALTER TABLE events ADD COLUMN message TEXT DEFAULT '' NOT NULL")
    op.execute("CREATE INDEX events_kind ON events (shop_id, kind, at, event_id)")
    op.execute("CREATE INDEX events_message ON events (shop_id, message)")
