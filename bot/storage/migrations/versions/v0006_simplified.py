"""Messages are found whichever characters they are written in; a buyer's orders are found by the buyer."""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.execute("ALTER TABLE messages ADD COLUMN folded TEXT DEFAULT '' NOT NULL")
    op.execute("CREATE INDEX orders_buyer ON orders (shop_id, buyer_id)")
