"""The colours of stones, the same on page, picture and drawing; letters say it without colour."""

# sRGB, 0 to 255. Neighbours in the list differ in lightness too, for eyes and printers without
# colour; every stone bears its letter besides.
STONE_COLOURS: tuple[tuple[int, int, int], ...] = (
    (31, 140, 166),
    (194, 102, 56),
    (97, 138, 61),
    (128, 87, 163),
    (184, 145, 26),
    (64, 97, 168),
    (178, 64, 104),
    (20, 110, 92),
    (150, 118, 92),
    (96, 72, 40),
    (110, 160, 200),
    (92, 100, 108),
)


def stone_colour(number: int) -> tuple[int, int, int]:
    """Return the colour of the stone of a number, from 0; after the last the first comes again."""
    return STONE_COLOURS[number % len(STONE_COLOURS)]
