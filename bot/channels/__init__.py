"""Channels through which buyers write and replies leave."""
