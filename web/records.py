"""The record that an address names, by its kind and id."""

from kennismakelaar import language
from kennismakelaar.errors import NotFound
from kennismakelaar.language import gettext as _
from kennismakelaar.model import Node
from kennismakelaar.schema import NodeKind, schema
from web.reply import broker


def kind_of(name: str) -> NodeKind:
    """The kind, or NotFound."""
    if name not in schema().nodes:
        raise NotFound(schema().no_kind(name))
    return schema().nodes[name]


def check_kind(node: Node, kind: str) -> Node:
    """The node; NotFound where it is of another kind than its address says."""
    if node.kind != kind:
        plural = language.said(kind_of(kind).plural)
        raise NotFound(_("Onder %(plural)s staat geen %(id)r.", plural=plural, id=node.id))
    return node


def node_of(kind: str, id: str) -> Node:
    """The node of this kind, or NotFound."""
    return check_kind(broker().store.get(id), kind)
