"""A conversation says when a person had it in hand last, and when and why software asked for one."""

from __future__ import annotations

from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.execute("ALTER TABLE conversations ADD COLUMN person_at TIMESTAMPTZ")
    op.execute("ALTER TABLE conversations ADD COLUMN handed_at TIMESTAMPTZ")
    op.execute("ALTER TABLE conversations ADD COLUMN hand_over TEXT NOT NULL DEFAULT ''")
    op.execute("ALTER TABLE conversations ADD COLUMN urgent BOOLEAN NOT NULL DEFAULT false")
