"""Lists of others taken into the graph: read, mapped, checked, shown, written and taken back."""
