"""When: years from founding to first export."""
