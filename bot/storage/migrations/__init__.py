"""Alembic's folder: `env` and one file a revision in `versions`. Run by `bot.storage.migration`."""
