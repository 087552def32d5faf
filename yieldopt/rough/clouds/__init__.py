"""From points to a closed skin, and how far it may be wrong."""
