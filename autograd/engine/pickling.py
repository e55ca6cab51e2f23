"""Graphs of any depth, pickled.

By default pickle recurses from a node into its arguments, so

    x = Value(1.0)
    for _ in range(10_000):
        x = x + 1.0
    pickle.dumps(x)

would raise a RecursionError.  Here the root, the first node to be pickled, gives pickle a list of all nodes below it,
arguments first.  Pickle writes each object only once.  When it comes to a node in the list, the node's arguments are
already written, so nothing recurses.
"""

from __future__ import annotations

import operator
import threading
import weakref
from typing import Any

from autograd.engine.graph import Node, topological_order

Reduced = tuple[Any, ...]  # what __reduce__ returns: a function, its arguments, and perhaps more


def reduce_graph(node: Node, fields: Reduced) -> Reduced:
    """What ``node.__reduce__()`` must return.

    Arguments:
        node: the node to be pickled.
        fields: a function and its arguments that rebuild the node, once the nodes in ``node.args`` are rebuilt.
    """
    current = _current.graph and _current.graph()
    if not node.args or (current and node in current.nodes):
        return fields
    return operator.getitem, (_Graph(node), -2)  # the root comes before the end mark


class _Graph:
    """All nodes below a root, which pickle writes as a list: arguments first, then the root, then an end mark."""

    def __init__(self, root: Node) -> None:
        self.order = topological_order(root)
        self.nodes = frozenset(self.order)

    def __reduce__(self) -> Reduced:
        _current.graph = weakref.ref(self)
        return list, (), None, iter([*self.order, _End()])


class _End:
    """The end mark of the list: the next node to be pickled is a root again."""

    def __reduce__(self) -> Reduced:
        _current.graph = None
        return bool, ()


class _Current(threading.local):
    """The graph that this thread is pickling; a weak reference, so that it is released when pickling fails."""

    graph: weakref.ref[_Graph] | None = None


_current = _Current()
