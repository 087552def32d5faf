"""Several stones from one rough: which, where, and the saw cuts between them."""
