"""The graph, layer by layer: names, lineage, one call each. The logic lives elsewhere."""
