"""One image may go with an entry's reply; these images are the shop's, no conversation's."""

from __future__ import annotations

from typing import Final

from alembic import op

revision = "0013"
down_revision = "0012"

_TABLE: Final = """
CREATE TABLE entry_images (
    shop_id TEXT NOT NULL,
    image_id TEXT NOT NULL,
    media_type TEXT NOT NULL,
    content BYTEA NOT NULL,
    CONSTRAINT entry_images_pkey PRIMARY KEY (shop_id, image_id),
    CONSTRAINT entry_images_shop_id_check CHECK (shop_id <> ''),
    CONSTRAINT entry_images_shop_id_fkey FOREIGN KEY (shop_id) REFERENCES shops (shop_id) ON DELETE CASCADE
)
"""
_ONE_SHOP: Final = "shop_id = NULLIF(current_setting('kuaihui.shop', true), '')"


def upgrade() -> None:
    op.execute("ALTER TABLE entries ADD COLUMN image TEXT NOT NULL DEFAULT ''")
    op.execute("ALTER TABLE entries ALTER COLUMN image DROP DEFAULT")
    op.execute(_TABLE)
    op.execute("ALTER TABLE entry_images ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE entry_images FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY one_shop ON entry_images USING ({_ONE_SHOP}) WITH CHECK ({_ONE_SHOP})")
