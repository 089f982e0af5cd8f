"""The JSON API at /api/v1: one table of operations, from which follow what it does and what its document says."""
