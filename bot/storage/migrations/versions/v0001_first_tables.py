"""The first tables, with row-level security."""

from __future__ import annotations

from typing import Final

from alembic import op

revision = "0001"
down_revision = None

_TABLES: Final = """
CREATE TABLE api_tokens (
    token_id TEXT NOT NULL,
    name TEXT NOT NULL,
    token_hash BYTEA NOT NULL,
    may_write BOOLEAN NOT NULL,
    created_at TIMESTAMPTZ DEFAULT now() NOT NULL,
    expires_at TIMESTAMPTZ,
    revoked_at TIMESTAMPTZ,
    CONSTRAINT api_tokens_pkey PRIMARY KEY (token_id),
    CONSTRAINT api_tokens_token_hash_key UNIQUE (token_hash)
);
CREATE TABLE shop_versions (
    shop_id TEXT NOT NULL,
    version BIGINT NOT NULL,
    deleted BOOLEAN DEFAULT false NOT NULL,
    pruned_to BIGINT DEFAULT 0 NOT NULL,
    CONSTRAINT shop_versions_pkey PRIMARY KEY (shop_id),
    CONSTRAINT shop_versions_shop_id_check CHECK (shop_id <> '')
);
CREATE TABLE shops (
    shop_id TEXT NOT NULL,
    name TEXT NOT NULL,
    name_en TEXT NOT NULL,
    colour TEXT NOT NULL,
    avatar TEXT NOT NULL,
    aliases JSON NOT NULL,
    timezone TEXT NOT NULL,
    languages JSON NOT NULL,
    is_demo BOOLEAN NOT NULL,
    CONSTRAINT shops_pkey PRIMARY KEY (shop_id),
    CONSTRAINT shops_shop_id_check CHECK (shop_id <> '')
);
CREATE TABLE api_token_shops (
    token_id TEXT NOT NULL,
    shop_id TEXT NOT NULL,
    CONSTRAINT api_token_shops_pkey PRIMARY KEY (token_id, shop_id),
    CONSTRAINT api_token_shops_token_id_fkey
        FOREIGN KEY (token_id)
        REFERENCES api_tokens (token_id) ON DELETE CASCADE,
    CONSTRAINT api_token_shops_shop_id_fkey FOREIGN KEY (shop_id) REFERENCES shops (shop_id) ON DELETE CASCADE
);
CREATE TABLE entries (
    shop_id TEXT NOT NULL,
    entry_id TEXT NOT NULL,
    "group" TEXT NOT NULL,
    question TEXT NOT NULL,
    reply TEXT NOT NULL,
    phrasings JSON NOT NULL,
    intent TEXT,
    cases JSON NOT NULL,
    fallback TEXT NOT NULL,
    scope JSON NOT NULL,
    validity JSON NOT NULL,
    short_code TEXT NOT NULL,
    language TEXT NOT NULL,
    status TEXT NOT NULL,
    version INTEGER NOT NULL,
    changed_in BIGINT NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT entries_pkey PRIMARY KEY (shop_id, entry_id),
    CONSTRAINT entries_shop_id_check CHECK (shop_id <> ''),
    CONSTRAINT entries_shop_id_fkey FOREIGN KEY (shop_id) REFERENCES shops (shop_id) ON DELETE CASCADE
);
CREATE INDEX entries_changed ON entries (shop_id, changed_in);
CREATE TABLE events (
    shop_id TEXT NOT NULL,
    event_id BIGINT GENERATED ALWAYS AS IDENTITY,
    at TIMESTAMPTZ NOT NULL,
    kind TEXT NOT NULL,
    conversation TEXT NOT NULL,
    data JSON NOT NULL,
    CONSTRAINT events_pkey PRIMARY KEY (shop_id, event_id),
    CONSTRAINT events_shop_id_check CHECK (shop_id <> ''),
    CONSTRAINT events_shop_id_fkey FOREIGN KEY (shop_id) REFERENCES shops (shop_id) ON DELETE CASCADE
);
CREATE INDEX events_at ON events (shop_id, at, event_id);
CREATE INDEX events_conversation ON events (shop_id, conversation, event_id);
CREATE TABLE orders (
    shop_id TEXT NOT NULL,
    order_no TEXT NOT NULL,
    status TEXT NOT NULL,
    items JSON NOT NULL,
    source TEXT NOT NULL,
    as_of TIMESTAMPTZ NOT NULL,
    buyer_id TEXT NOT NULL,
    phone_last4 TEXT NOT NULL,
    amount NUMERIC,
    paid_at TIMESTAMPTZ,
    shipped_at TIMESTAMPTZ,
    promised_ship_by TIMESTAMPTZ,
    courier TEXT NOT NULL,
    tracking_no TEXT NOT NULL,
    tracking_status TEXT NOT NULL,
    eta DATE,
    CONSTRAINT orders_pkey PRIMARY KEY (shop_id, order_no),
    CONSTRAINT orders_shop_id_check CHECK (shop_id <> ''),
    CONSTRAINT orders_shop_id_fkey FOREIGN KEY (shop_id) REFERENCES shops (shop_id) ON DELETE CASCADE
);
CREATE INDEX orders_tracking ON orders (shop_id, tracking_no);
CREATE TABLE phrasing_vectors (
    shop_id TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    text_hash BYTEA NOT NULL,
    text TEXT NOT NULL,
    vector BYTEA NOT NULL,
    CONSTRAINT phrasing_vectors_pkey PRIMARY KEY (shop_id, fingerprint, text_hash),
    CONSTRAINT phrasing_vectors_shop_id_check CHECK (shop_id <> ''),
    CONSTRAINT phrasing_vectors_shop_id_fkey
        FOREIGN KEY (shop_id)
        REFERENCES shops (shop_id) ON DELETE CASCADE
);
CREATE TABLE products (
    shop_id TEXT NOT NULL,
    product_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    title TEXT NOT NULL,
    title_en TEXT NOT NULL,
    item_id TEXT NOT NULL,
    aliases JSON NOT NULL,
    category TEXT NOT NULL,
    url TEXT NOT NULL,
    price NUMERIC,
    attributes JSON NOT NULL,
    source TEXT NOT NULL,
    as_of TIMESTAMPTZ NOT NULL,
    stock_as_of TIMESTAMPTZ NOT NULL,
    CONSTRAINT products_pkey PRIMARY KEY (shop_id, product_id),
    CONSTRAINT products_shop_id_check CHECK (shop_id <> ''),
    CONSTRAINT products_shop_id_fkey FOREIGN KEY (shop_id) REFERENCES shops (shop_id) ON DELETE CASCADE
);
CREATE TABLE shipping_rules (
    shop_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    regions JSON NOT NULL,
    courier TEXT NOT NULL,
    fee NUMERIC,
    free_from NUMERIC,
    days TEXT NOT NULL,
    source TEXT NOT NULL,
    as_of TIMESTAMPTZ NOT NULL,
    note TEXT NOT NULL,
    CONSTRAINT shipping_rules_pkey PRIMARY KEY (shop_id, position),
    CONSTRAINT shipping_rules_shop_id_check CHECK (shop_id <> ''),
    CONSTRAINT shipping_rules_shop_id_fkey FOREIGN KEY (shop_id) REFERENCES shops (shop_id) ON DELETE CASCADE
);
CREATE TABLE shop_facts (
    shop_id TEXT NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    kind TEXT NOT NULL,
    source TEXT NOT NULL,
    as_of TIMESTAMPTZ NOT NULL,
    ttl INTERVAL,
    CONSTRAINT shop_facts_pkey PRIMARY KEY (shop_id, name),
    CONSTRAINT shop_facts_shop_id_check CHECK (shop_id <> ''),
    CONSTRAINT shop_facts_shop_id_fkey FOREIGN KEY (shop_id) REFERENCES shops (shop_id) ON DELETE CASCADE
);
CREATE TABLE variants (
    shop_id TEXT NOT NULL,
    sku TEXT NOT NULL,
    product_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    options JSON NOT NULL,
    stock INTEGER,
    restock_date DATE,
    price NUMERIC,
    CONSTRAINT variants_pkey PRIMARY KEY (shop_id, sku),
    CONSTRAINT variants_shop_id_product_id_fkey
        FOREIGN KEY (shop_id, product_id)
        REFERENCES products (shop_id, product_id) ON DELETE CASCADE,
    CONSTRAINT variants_shop_id_check CHECK (shop_id <> ''),
    CONSTRAINT variants_shop_id_fkey FOREIGN KEY (shop_id) REFERENCES shops (shop_id) ON DELETE CASCADE
);
CREATE INDEX variants_product ON variants (shop_id, product_id);
"""

_TENANT_TABLES: Final = (
    "shops",
    "entries",
    "phrasing_vectors",
    "products",
    "variants",
    "shipping_rules",
    "shop_facts",
    "orders",
    "events",
)

# current_setting gives '' and not NULL once the setting has been made in the session: neither may match a row.
_ONE_SHOP: Final = "shop_id = NULLIF(current_setting('kuaihui.shop', true), '')"
_NAMED_SHOPS: Final = (
    "shop_id = ANY (string_to_array(NULLIF(current_setting('kuaihui.shops', true), ''), ','))"
)


def upgrade() -> None:
    for statement in _TABLES.split(";\n"):
        if statement.strip():
            op.execute(statement)
    for table in _TENANT_TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY one_shop ON {table} USING ({_ONE_SHOP}) WITH CHECK ({_ONE_SHOP})")
    # The named exception: a list of shops, each asked for by its id, may be read (never written) together.
    op.execute(f"CREATE POLICY named_shops ON shops FOR SELECT USING ({_NAMED_SHOPS})")
