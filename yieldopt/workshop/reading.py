"""Lengths as callipers show them."""

from yieldopt.workshop.record import READING

DECIMALS = 2  # of READING


def read(length: float) -> float:
    """Return a length as callipers show it, mm."""
    return round(round(length / READING) * READING, DECIMALS) + 0.0


def misread(length: float) -> float:
    """Return by how much a length is more than callipers show, mm."""
    return length - read(length)
