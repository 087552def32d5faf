"""Nests to print: cradles that hold a rough as planned, guides to grind its flat and to saw it."""
