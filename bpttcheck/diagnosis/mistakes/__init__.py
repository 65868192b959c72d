"""The bank: edges of a cell's graph, and what people do there."""
