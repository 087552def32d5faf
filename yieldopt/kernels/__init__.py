"""Compiled arithmetic: flat arrays in, arrays out. Knows no gem, no money, no file."""
