"""Groups as frames: which boxes are framed, and where edges pass through a frame."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from autograd.picture.places import Edge, Group, Name, Size


@dataclass(frozen=True)
class Frame:
    """A group, as a box among others in the area around it."""

    group: Group


@dataclass(frozen=True)
class Port:
    """Where the edges from one box enter an area (``inward``) or leave it."""

    source: Name
    inward: bool


def frames_around(
    sizes: Mapping[Name, Size], edges: Sequence[Edge], groups: Mapping[Name, Group]
) -> dict[Name, tuple[Frame, ...]]:
    """The frames around each box, from the outside in.

    A group that some path leaves and enters again, e.g. a module that is called twice in a row, cannot be one box in a
    picture whose arrows all point the same way.  It gets no frame, and its boxes are placed in the area around it.
    """
    within = {}
    for name in sizes:
        group = groups.get(name, ())
        within[name] = tuple(Frame(group[: depth + 1]) for depth in range(len(group)))
    while True:
        looped: set[Name] = set()
        for depth in range(max(map(len, within.values()), default=0)):
            links: dict[Name, dict[Name, None]] = {}
            for edge in edges:
                around, other = within[edge.source], within[edge.target]
                a, b = standing_for(edge.source, around, depth), standing_for(edge.target, other, depth)
                if a != b and around[:depth] == other[:depth]:
                    links.setdefault(a, {})[b] = None
            looped.update(item for item in _on_cycles(links) if isinstance(item, Frame))
        if not looped:
            return within
        within = {name: tuple(frame for frame in around if frame not in looped) for name, around in within.items()}


def standing_for(name: Name, around: tuple[Frame, ...], depth: int) -> Name:
    """The item that represents a box in the area at this depth: a frame that holds it, or the box itself."""
    return around[depth] if len(around) > depth else name


def _on_cycles(links: Mapping[Name, Iterable[Name]]) -> list[Name]:
    """The names on cycles: the strongly connected components with more than one member (Kosaraju's algorithm)."""
    backward: dict[Name, list[Name]] = {}
    for a, targets in links.items():
        for b in targets:
            backward.setdefault(b, []).append(a)
    finished = finishing_order(list(links), links)
    seen: set[Name] = set()
    looped: list[Name] = []
    for root in reversed(finished):
        if root not in seen:
            component = [root]
            seen.add(root)
            for name in component:
                for other in backward.get(name, ()):
                    if other not in seen:
                        seen.add(other)
                        component.append(other)
            if len(component) > 1:
                looped += component
    return looped


def finishing_order(roots: Sequence[Name], links: Mapping[Name, Iterable[Name]]) -> list[Name]:
    """The names in the order in which a depth-first search finishes them (postorder)."""
    finished: list[Name] = []
    seen: set[Name] = set()
    for root in roots:
        stack = [(root, iter(links.get(root, ())))] if root not in seen else []
        seen.add(root)
        while stack:
            name, targets = stack[-1]
            for target in targets:
                if target not in seen:
                    seen.add(target)
                    stack.append((target, iter(links.get(target, ()))))
                    break
            else:
                finished.append(name)
                stack.pop()
    return finished
