"""The only conversion factors.

Inside the library lengths are mm, volumes mm3, angles radians; weights are carats
(1 ct = 0.2 g) and specific gravity is g/cm3.
"""

CT_PER_MM3 = 1.0 / 200.0  # of a material of specific gravity 1: 1 mm3 = 0.001 g = 0.005 ct
MM_PER_UNIT = {"mm": 1.0, "cm": 10.0, "m": 1000.0, "in": 25.4}


def weight_ct(volume: float, specific_gravity: float) -> float:
    """Return the weight of a volume (mm3) in carats.

    >>> weight_ct(200.0, 2.65)
    2.65
    """
    return volume * specific_gravity * CT_PER_MM3


def volume_of_weight(weight_in_ct: float, specific_gravity: float) -> float:
    """Return the volume (mm3) that weighs so many carats."""
    return weight_in_ct / (specific_gravity * CT_PER_MM3)
