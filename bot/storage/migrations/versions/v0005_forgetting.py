"""What was forgotten of conversations, when each shop's data is looked through, and the one way in which events lose texts."""

from __future__ import annotations

from typing import Final

from alembic import op
from sqlalchemy import text

revision = "0005"
down_revision = "0004"

_TABLES: Final = (
    "ALTER TABLE conversations ADD COLUMN forgotten_to INTEGER DEFAULT 0 NOT NULL",
    "CREATE INDEX conversations_forgettable ON conversations (shop_id, closed_at) "
    "WHERE state = 'closed' AND forgotten_to < last_number",
    "CREATE TABLE retention ("
    " shop_id TEXT NOT NULL,"
    " due_at TIMESTAMPTZ NOT NULL,"
    " events_to TIMESTAMPTZ,"
    " CONSTRAINT retention_pkey PRIMARY KEY (shop_id),"
    " CONSTRAINT retention_shop_id_check CHECK (shop_id <> ''))",
    "CREATE INDEX retention_due ON retention (due_at)",
)

# "OR REPLACE": they may be there already, where a backup of earlier tables takes the place of these.
#
# What a buyer or an agent wrote freely goes; a reason chosen from a list is a figure and stays. A text with an escaped NUL,
# which jsonb cannot hold, takes its event's data along.
_WITHOUT_TEXTS: Final = """
CREATE OR REPLACE FUNCTION event_without_texts(given json) RETURNS json
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
SELECT CASE WHEN strpos(CAST(given AS text), '\\u0000') > 0 THEN CAST('{}' AS json) ELSE (
    SELECT CAST(d
        || CASE WHEN jsonb_exists(d, 'text') THEN jsonb_build_object('text', '') ELSE '{}' END
        || CASE WHEN length(d ->> 'reason') > 40 THEN jsonb_build_object('reason', '') ELSE '{}' END
        || CASE WHEN jsonb_typeof(d -> 'suggestions') = 'array' THEN jsonb_build_object('suggestions', (
            SELECT coalesce(jsonb_agg(
                CASE WHEN jsonb_typeof(reply) = 'object' THEN reply || jsonb_build_object('text', '') ELSE reply END
                ORDER BY place), '[]')
            FROM jsonb_array_elements(d -> 'suggestions') WITH ORDINALITY AS shown(reply, place)
        )) ELSE '{}' END AS json)
    FROM (SELECT CAST(given AS jsonb)) AS read(d)
) END
$$
"""

# The functions run as the tables' owner, who may change events; the application may not. Each names the shop of the
# transaction itself: it holds also where the owner is above row-level security.
_FUNCTION: Final = """
CREATE OR REPLACE FUNCTION {signature} RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
WITH forgotten AS (
    UPDATE events SET data = event_without_texts(data)
    WHERE shop_id = NULLIF(pg_catalog.current_setting('kuaihui.shop', true), '')
      AND kind IN ('message_received', 'suggestion_shown',
                   'suggestion_taken', 'suggestion_edited', 'suggestion_refused')
      AND {which}
    RETURNING 1
)
SELECT count(*) FROM forgotten
$$
"""
_FUNCTIONS: Final = (
    (
        "forget_events_of(of_conversations text[])",
        "conversation <> '' AND conversation = ANY (of_conversations)",
    ),
    ("forget_events_between(since timestamptz, before timestamptz)", "at >= since AND at < before"),
)


def upgrade() -> None:
    for statement in _TABLES:
        op.execute(statement)
    schema = op.get_bind().execute(text("SELECT quote_ident(current_schema())")).scalar_one()
    connection = op.get_bind()
    connection.exec_driver_sql(_WITHOUT_TEXTS)
    for signature, which in _FUNCTIONS:
        connection.exec_driver_sql(_FUNCTION.format(signature=signature, schema=schema, which=which))
        connection.exec_driver_sql(f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC")
