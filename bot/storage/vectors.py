"""The vectors of phrasings, in PostgreSQL: float32, little-endian, one row a text and model."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from sqlalchemy import text

from bot.ports import Vectors
from bot.storage.database import Database

_ROWS_AT_ONCE: Final = 2000
_FLOAT: Final = np.dtype("<f4")

# One row back instead of thousands: a shop's index is built while a buyer waits.
_LOAD: Final = text(
    "SELECT array_agg(text ORDER BY text_hash) AS texts, string_agg(vector, ''::bytea ORDER BY text_hash) AS vectors, "
    "min(octet_length(vector)) AS shortest, max(octet_length(vector)) AS longest "
    "FROM phrasing_vectors WHERE fingerprint = :fingerprint"
)
_PUT: Final = text(
    "INSERT INTO phrasing_vectors (shop_id, fingerprint, text_hash, text, vector) "
    "SELECT :shop, :fingerprint, hash, text, vector "
    "FROM unnest(CAST(:hashes AS bytea[]), CAST(:texts AS text[]), CAST(:vectors AS bytea[])) AS given (hash, text, vector) "
    "ON CONFLICT DO NOTHING"
)
_PRUNE: Final = text(
    "DELETE FROM phrasing_vectors WHERE fingerprint <> :fingerprint OR text_hash <> ALL (CAST(:hashes AS bytea[]))"
)


class PostgresVectors:
    """The VectorStore of bot.ports."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def load_vectors(self, shop: str, fingerprint: str) -> dict[str, Vectors]:
        async with self._database.scope(shop) as connection:
            row = (await connection.execute(_LOAD, {"fingerprint": fingerprint})).one()
        if row.texts is None or row.shortest != row.longest:
            # Nothing there, or a row cut short: the vectors are made anew rather than mixed up.
            return {}
        matrix = (
            np.frombuffer(row.vectors, dtype=_FLOAT)
            .astype(np.float32, copy=False)
            .reshape(len(row.texts), -1)
        )
        return dict(zip(row.texts, matrix, strict=True))

    async def put_vectors(self, shop: str, fingerprint: str, vectors: Mapping[str, Vectors]) -> None:
        items = list(vectors.items())
        async with self._database.scope(shop) as connection:
            for start in range(0, len(items), _ROWS_AT_ONCE):
                some = items[start : start + _ROWS_AT_ONCE]
                given = {
                    "shop": shop,
                    "fingerprint": fingerprint,
                    "hashes": [_hash(phrasing) for phrasing, _ in some],
                    "texts": [phrasing for phrasing, _ in some],
                    "vectors": [np.asarray(vector, dtype=_FLOAT).tobytes() for _, vector in some],
                }
                await connection.execute(_PUT, given)

    async def prune_vectors(self, shop: str, fingerprint: str, keep: Sequence[str]) -> None:
        hashes = [_hash(phrasing) for phrasing in keep]
        async with self._database.scope(shop) as connection:
            await connection.execute(_PRUNE, {"fingerprint": fingerprint, "hashes": hashes})


def _hash(phrasing: str) -> bytes:
    return hashlib.sha256(phrasing.encode()).digest()[:16]
