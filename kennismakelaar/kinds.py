"""What some kinds and relations of graph_schema/ are to us: who is a person, who can help, what a record is about."""

PERSON = "person"
HELPERS = ("organisation", "programme", PERSON)
"""Kinds that can help."""
THEMED = ("about", "knows_about", "example_of")
"""Relations that say what a record is about."""
