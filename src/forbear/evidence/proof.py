"""Proofs that an entry is in the log, and that a later log holds an earlier one. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from forbear.evidence.tree import Node, Nodes, covering, folded, node_hash, split

Range = tuple[int, int]  # leaves [first, end)


def inclusion_ranges(position: int, size: int) -> list[Range]:
    """Return the ranges whose roots prove one leaf, from the leaf up.

    Errors: ValueError where the log has no such leaf.
    Source: RFC 6962, 2.1.1.
    """
    if not 0 <= position < size:
        raise ValueError(f"a log of {size} entries has no position {position}")
    first, end, found = 0, size, []
    while end - first > 1:
        middle = first + split(end - first)
        if position < middle:
            found.append((middle, end))
            end = middle
        else:
            found.append((first, middle))
            first = middle
    return found[::-1]


def consistency_ranges(before: int, size: int) -> list[Range]:
    """Return the ranges whose roots prove that a log of `size` begins with its first `before`.

    Errors: ValueError where the log was never that small.
    Source: RFC 6962, 2.1.2.
    """
    if not 0 <= before <= size:
        raise ValueError(f"a log of {size} entries never had {before}")
    if before in (0, size):
        return []
    first, end, found = 0, size, []
    while end != before:
        middle = first + split(end - first)
        if before <= middle:
            found.append((middle, end))
            end = middle
        else:
            found.append((first, middle))
            first = middle
    if first:  # else it is the old root itself, which whoever checks has
        found.append((first, end))
    return found[::-1]


def nodes_of(ranges: Sequence[Range]) -> list[Node]:
    """Return every complete node that the roots of some ranges are made of."""
    return list(chain.from_iterable(covering(first, end) for first, end in ranges))


def path(ranges: Sequence[Range], nodes: Nodes) -> list[bytes]:
    """Return the roots of ranges, from their complete nodes."""
    return [folded([nodes[node] for node in covering(first, end)]) for first, end in ranges]


def included(leaf: bytes, *, position: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Return whether a proof shows that a leaf stands at a position of the log with a root.

    Source: RFC 9162, 2.1.3.2.
    """
    if not 0 <= position < size:
        return False
    here, last, found = position, size - 1, leaf
    for other in proof:
        if last == 0:
            return False
        if here & 1 or here == last:
            found = node_hash(other, found)
            while not here & 1 and here:
                here, last = here >> 1, last >> 1
        else:
            found = node_hash(found, other)
        here, last = here >> 1, last >> 1
    return last == 0 and found == root


def consistent(
    before: int, size: int, *, proof: Sequence[bytes], root_before: bytes, root: bytes
) -> bool:
    """Return whether a proof shows that the log with `root` begins with the one before.

    Source: RFC 9162, 2.1.4.2.
    """
    if not 0 <= before <= size:
        return False
    if before == size:
        return not proof and root_before == root
    if before == 0:
        return not proof  # everything begins with nothing
    nodes = [root_before, *proof] if before & (before - 1) == 0 else list(proof)
    if not nodes:
        return False
    here, last = before - 1, size - 1
    while here & 1:
        here, last = here >> 1, last >> 1
    old = new = nodes[0]
    for other in nodes[1:]:
        if last == 0:
            return False
        if here & 1 or here == last:
            old, new = node_hash(other, old), node_hash(other, new)
            while not here & 1 and here:
                here, last = here >> 1, last >> 1
        else:
            new = node_hash(new, other)
        here, last = here >> 1, last >> 1
    return last == 0 and (old, new) == (root_before, root)
