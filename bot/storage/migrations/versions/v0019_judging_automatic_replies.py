"""Whose automatic replies are to be judged, and when: content-free. What was said before is not judged."""

from __future__ import annotations

from typing import Final

from alembic import op

revision = "0019"
down_revision = "0018"

_TABLE: Final = """
CREATE TABLE auto_rating_dues (
    shop_id TEXT NOT NULL,
    conversation_id TEXT NOT NULL,
    since TIMESTAMPTZ NOT NULL,
    newest TIMESTAMPTZ NOT NULL,
    due_at TIMESTAMPTZ NOT NULL,
    claimed_until TIMESTAMPTZ,
    CONSTRAINT auto_rating_dues_pkey PRIMARY KEY (shop_id, conversation_id),
    CONSTRAINT auto_rating_dues_shop_id_conversation_id_fkey
        FOREIGN KEY (shop_id, conversation_id)
        REFERENCES conversations (shop_id, conversation_id) ON DELETE CASCADE
)
"""


def upgrade() -> None:
    op.execute(_TABLE)
    op.execute("CREATE INDEX auto_rating_dues_due ON auto_rating_dues (due_at)")
