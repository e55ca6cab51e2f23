"""Graphs of any depth, pickled.

Pickle, left to itself, goes from a node into its arguments, and from them into theirs, so

    x = Value(1.0)
    for _ in range(10_000):
        x = x + 1.0
    pickle.dumps(x)

would end in a RecursionError.  Here the node that is pickled first gives pickle a list of all nodes below it, arguments
first.  Pickle remembers what it has written, so each node of the list finds its arguments done, and nothing recurses.
"""

from __future__ import annotations

import operator
import threading
import weakref
from typing import Any

from autograd.engine.graph import Node, topological_order

Reduced = tuple[Any, ...]  # what __reduce__ gives: a function, and its arguments


def reduce_graph(node: Node, fields: Reduced) -> Reduced:
    """What ``node.__reduce__()`` is to give.

    Arguments:
        node: the node to be pickled.
        fields: a function and its arguments that make the node, once its arguments are made.
    """
    if not node.args or _current.includes(node):
        return fields
    return operator.getitem, (_Graph(node), -2)  # the root is the last but one


class _Graph:
    """All nodes below a root, which pickle writes as a list, the root last but for a mark of the end."""

    def __init__(self, root: Node) -> None:
        self.order = topological_order(root)
        self.nodes = frozenset(self.order)

    def __reduce__(self) -> Reduced:
        _current.graph = weakref.ref(self)
        return list, (), None, iter([*self.order, _End()])


class _End:
    """The end of the list: from here on a node is a root again."""

    def __reduce__(self) -> Reduced:
        _current.graph = None
        return bool, ()


class _Current(threading.local):
    """The graph that this thread is writing; held weakly, so that it is forgotten when pickling breaks off."""

    graph: weakref.ref[_Graph] | None = None

    def includes(self, node: Node) -> bool:
        graph = self.graph() if self.graph else None
        return graph is not None and node in graph.nodes


_current = _Current()
