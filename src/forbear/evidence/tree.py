"""The tree over the log's entries: a Merkle tree as RFC 6962 draws it, and the chain. Pure.

A node is named by its level and place: node (l, p) is the root over leaves p·2^l … (p+1)·2^l - 1.
Only complete nodes are ever stored; every proof is made of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from hashlib import sha256

Node = tuple[int, int]  # level, place
Nodes = Mapping[Node, bytes]
CHAIN_BEGINS = bytes(32)


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash of one leaf.

    Source: RFC 6962, 2.1.
    """
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of two subtrees side by side.

    Source: RFC 6962, 2.1.
    """
    return sha256(b"\x01" + left + right).digest()


def linked(before: bytes, leaf: bytes) -> bytes:
    """Return the chain's next hash: it covers every leaf so far, in order.

    Source: none; the prefix keeps it apart from leaves and nodes.
    """
    return sha256(b"\x02" + before + leaf).digest()


def chained(before: bytes, leaves: Iterable[bytes]) -> list[bytes]:
    """Return the chain's hash at each of some leaves, from the hash before them."""
    found, link = [], b"\x02" + before
    for leaf in leaves:
        before = sha256(link + leaf).digest()
        found.append(before)
        link = b"\x02" + before
    return found


def naive_root(leaves: Sequence[bytes]) -> bytes:
    """Return the root over leaf hashes as the definition says it, in one pass over all of them.

    Source: RFC 6962, 2.1; the root over nothing is the hash of nothing.
    """
    if not leaves:
        return sha256().digest()
    if len(leaves) == 1:
        return leaves[0]
    half = split(len(leaves))
    return node_hash(naive_root(leaves[:half]), naive_root(leaves[half:]))


def split(size: int) -> int:
    """Return the largest power of two below a size of two or more."""
    return 1 << ((size - 1).bit_length() - 1)


def covering(first: int, end: int) -> list[Node]:
    """Return the complete nodes that cover the leaves [first, end), left to right.

    `first` is where a subtree of that many leaves may begin, as in every proof.
    """
    found: list[Node] = []
    while first < end:
        level = (end - first).bit_length() - 1
        found.append((level, first >> level))
        first += 1 << level
    return found


def peaks(size: int) -> list[Node]:
    """Return the complete nodes that cover a whole log."""
    return covering(0, size)


def folded(hashes: Sequence[bytes]) -> bytes:
    """Return the root over complete subtrees that stand left to right; none: over nothing."""
    if not hashes:
        return sha256().digest()
    *rest, root = hashes
    for left in reversed(rest):
        root = node_hash(left, root)
    return root


def root_of(nodes: Nodes, size: int) -> bytes:
    """Return the root of a log of some size from its complete nodes."""
    return folded([nodes[node] for node in peaks(size)])


def grown(
    size: int, known: Nodes, leaves: Sequence[bytes]
) -> Iterator[tuple[int, int, list[bytes]]]:
    """Yield the complete nodes that new leaves add: level, first place, hashes; leaves first.

    `known` holds the peaks of the log of `size` leaves that they come after.
    """
    level, first, fresh = 0, size, list(leaves)
    while fresh:
        yield level, first, fresh
        if first & 1:
            first -= 1
            fresh = [known[level, first], *fresh]
        pairs = b"".join(fresh[: len(fresh) & ~1])
        fresh = [sha256(b"\x01" + pairs[k : k + 64]).digest() for k in range(0, len(pairs), 64)]
        level, first = level + 1, first >> 1


def with_leaves(size: int, known: Nodes, leaves: Sequence[bytes]) -> dict[Node, bytes]:
    """Return the peaks of a log after more leaves, from the peaks before."""
    return peaks_after(size + len(leaves), known, list(grown(size, known, leaves)))


def peaks_after(
    size: int, known: Nodes, added: Sequence[tuple[int, int, list[bytes]]]
) -> dict[Node, bytes]:
    """Return the peaks of a log that is `size` long now, from those before and what grew."""
    found = {level: (first, fresh) for level, first, fresh in added}
    after: dict[Node, bytes] = {}
    for level, place in peaks(size):
        first, fresh = found.get(level, (0, []))
        mine = first <= place < first + len(fresh)
        after[level, place] = fresh[place - first] if mine else known[level, place]
    return after


def under(node: Node, leaves: Callable[[int], bytes]) -> bytes:
    """Return a complete node's hash from the leaves under it."""
    level, place = node
    return naive_root([leaves(n) for n in range(place << level, (place + 1) << level)])
