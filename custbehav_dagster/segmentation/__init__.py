"""Groups of buyers that a shop can act on."""
