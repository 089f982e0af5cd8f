"""Addresses and numbers of records, the same in every standard."""

from uuid import NAMESPACE_URL, uuid5

from kennismakelaar.model import Edge, Node


def page(site: str, node: Node) -> str:
    """The address of a record, which is also its name in linked data."""
    return f"{site}/{node.kind}/{node.id}"


def number(*parts: str) -> str:
    """A UUID for those who ask for one: the same for the same parts, wherever the website stands (RFC 9562, version 5)."""
    return str(uuid5(NAMESPACE_URL, "/".join(("kennismakelaar", *parts))))


def other(edge: Edge, id: str) -> str:
    """The end of a relation that is not this one."""
    return edge.target if edge.source == id else edge.source
