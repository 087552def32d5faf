"""What can be cut: families, proportions, facet lists, species, design files."""
