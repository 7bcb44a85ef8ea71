"""The tree, its proofs and the chain, against published values and a naive tree."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forbear.evidence.proof import (
    consistency_ranges,
    consistent,
    included,
    inclusion_ranges,
    nodes_of,
    path,
)
from forbear.evidence.tree import (
    grown,
    leaf_hash,
    linked,
    naive_root,
    node_hash,
    peaks,
    root_of,
    with_leaves,
)

# The eight leaves that the certificate-transparency project tests every implementation with.
LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
SIZES = st.integers(min_value=1, max_value=300)


def leaves(n):
    return [leaf_hash(str(k).encode()) for k in range(n)]


def nodes_of_all(hashes):
    """Every complete node, by the sequencer's own way."""
    return {
        (level, first + k): each
        for level, first, fresh in grown(0, {}, hashes)
        for k, each in enumerate(fresh)
    }


@pytest.mark.parametrize("size", range(1, 9))
def test_the_roots_are_those_that_every_other_implementation_finds(size):
    hashes = [leaf_hash(leaf) for leaf in LEAVES[:size]]
    assert naive_root(hashes).hex() == ROOTS[size - 1]
    assert root_of(nodes_of_all(hashes), size).hex() == ROOTS[size - 1]


def test_the_root_over_nothing_is_the_hash_of_nothing():
    assert naive_root([]) == root_of({}, 0) == sha256(b"").digest()


@pytest.mark.parametrize(
    ("position", "size", "proof"),
    [  # published with the same leaves
        (0, 1, []),
        (
            0,
            8,
            [
                "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
            ],
        ),
        (
            5,
            8,
            [
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            ],
        ),
        (2, 3, ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
    ],
)
def test_inclusion_proofs_are_the_published_ones(position, size, proof):
    hashes = [leaf_hash(leaf) for leaf in LEAVES[:size]]
    found = path(inclusion_ranges(position, size), nodes_of_all(hashes))
    assert [each.hex() for each in found] == proof


@pytest.mark.parametrize(
    ("before", "size", "proof"),
    [
        (1, 1, []),
        (
            1,
            8,
            [
                "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
            ],
        ),
        (
            6,
            8,
            [
                "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            ],
        ),
        (
            2,
            5,
            [
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            ],
        ),
    ],
)
def test_consistency_proofs_are_the_published_ones(before, size, proof):
    hashes = [leaf_hash(leaf) for leaf in LEAVES[:size]]
    found = path(consistency_ranges(before, size), nodes_of_all(hashes))
    assert [each.hex() for each in found] == proof


def naive_inclusion(position, hashes):
    """RFC 6962's own recursion."""
    if len(hashes) == 1:
        return []
    half = 1 << ((len(hashes) - 1).bit_length() - 1)
    if position < half:
        return [*naive_inclusion(position, hashes[:half]), naive_root(hashes[half:])]
    return [*naive_inclusion(position - half, hashes[half:]), naive_root(hashes[:half])]


@given(size=SIZES, data=st.data())
def test_every_inclusion_proof_is_the_naive_trees_and_holds(size, data):
    position = data.draw(st.integers(0, size - 1))
    hashes = leaves(size)
    ranges = inclusion_ranges(position, size)
    nodes = nodes_of_all(hashes)
    proof = path(ranges, {node: nodes[node] for node in nodes_of(ranges)})
    root = naive_root(hashes)
    assert proof == naive_inclusion(position, hashes)
    asked = {"position": position, "size": size, "proof": proof, "root": root}
    assert included(hashes[position], **asked)
    assert not included(leaf_hash(b"another"), **asked)
    for other in {position + 1, position - 1, position ^ 1, 0} - {position}:
        assert not included(hashes[position], **asked | {"position": other})
    for k in range(len(proof)):
        assert not included(hashes[position], **asked | {"proof": proof[:k] + proof[k + 1 :]})
    assert not included(hashes[position], **asked | {"proof": [*proof, root]})


@given(size=SIZES, data=st.data())
def test_every_consistency_proof_holds_and_no_other_does(size, data):
    before = data.draw(st.integers(0, size))
    hashes = leaves(size)
    proof = path(consistency_ranges(before, size), nodes_of_all(hashes))
    asked = {"proof": proof, "root_before": naive_root(hashes[:before]), "root": naive_root(hashes)}
    assert consistent(before, size, **asked)
    if before:
        forked = naive_root([*hashes[: before - 1], leaf_hash(b"another")])
        assert not consistent(before, size, **asked | {"root_before": forked})
        assert not consistent(before, size, **asked | {"root": forked})
    assert not consistent(before, size, **asked | {"proof": [*proof, bytes(32)]})


@given(sizes=st.lists(st.integers(0, 40), max_size=8))
def test_a_log_that_grew_in_batches_is_the_log_that_was_made_at_once(sizes):
    hashes, size, known = leaves(sum(sizes)), 0, {}
    stored = {}
    for n in sizes:
        batch = hashes[size : size + n]
        for level, first, fresh in grown(size, known, batch):
            stored |= {(level, first + k): each for k, each in enumerate(fresh)}
        known = with_leaves(size, known, batch)
        size += n
        assert set(known) == set(peaks(size))
        assert root_of(known, size) == naive_root(hashes[:size])
    assert stored == nodes_of_all(hashes)


def test_the_chain_knows_the_order_and_every_leaf_before():
    one, two = leaves(2)
    assert linked(linked(bytes(32), one), two) != linked(linked(bytes(32), two), one)
    assert linked(bytes(32), one) != node_hash(bytes(32), one)


@pytest.mark.parametrize("asked", [(-1, 3), (3, 3), (0, 0)])
def test_a_position_that_the_log_has_not_is_refused(asked):
    with pytest.raises(ValueError, match="has no position"):
        inclusion_ranges(*asked)
