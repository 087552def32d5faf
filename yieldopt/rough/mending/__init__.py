"""From triangles as a scanner left them to a closed skin, inward, each change told."""
