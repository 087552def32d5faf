"""Scan files of every form, each checked against its own length before it takes memory."""
