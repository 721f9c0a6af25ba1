"""Makes moto's checks of update expressions fast.

moto checks an expression in ten traversals, and compares each node with each class that a traversal processes. Here, a
traversal makes these comparisons once for each class of nodes.
"""

from typing import Any

from moto.dynamodb.parsing.ast_nodes import DepthFirstTraverser, Node  # type: ignore[attr-defined]

_motos_traversal = DepthFirstTraverser.traverse_node_recursively
_processed: dict[tuple[type, type], type | None] = {}
"""The class under which a traversal processes a class of nodes, None if it does not process them."""


def _traverse(traverser: DepthFirstTraverser, node: Any, child_id: int = -1) -> Any:
    if not isinstance(node, Node):
        return node
    parent = node.parent
    for number, child in enumerate(node.children or ()):
        traverser.pre_processing_of_child(node, number)
        _traverse(traverser, child, number)
    key = (type(traverser), type(node))
    if key not in _processed:
        classes = traverser.nodes_to_be_processed()
        _processed[key] = next((each for each in classes if isinstance(node, each)), None)
    processed = _processed[key]
    if processed is None:
        return node
    node = traverser._processing_map()[processed](node)
    node.parent = parent
    if parent:
        parent.children[child_id] = node
    return node


def install() -> None:
    """Replace moto's implementation in this process."""
    DepthFirstTraverser.traverse_node_recursively = _traverse
