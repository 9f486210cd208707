"""Channels through which buyers write and replies leave: one file each, listed in bot/bootstrap/channels.py."""

from __future__ import annotations
