"""The public graph in forms that others agreed on: one module for each standard."""
