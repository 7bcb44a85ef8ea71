"""Fetch what texts are screened with: the phrases of the packs and the shipped weights."""

from __future__ import annotations

import hashlib
import io
import os
from functools import lru_cache
from importlib.resources import files

import numpy as np
import yaml

from forbear.kernel.digest import text_digest
from forbear.screening.phrase import FOLDER, parse_phrases
from forbear.screening.screen import Screen
from forbear.screening.taught import BadWeights, Weights, parse_weights
from forbear.store.packs import fetch_pack_texts


def fetch_screen() -> Screen:
    """Return the screen of this installation, made once a process and folder.

    Errors: BadPhrasePack, BadWeights, PacksUnreadable.
    """
    return _screen(os.environ.get("FORBEAR_PACKS", ""))


@lru_cache(maxsize=4)
def _screen(folder: str) -> Screen:
    del folder  # the key: fetch_pack_texts reads it from the environment too
    texts = {p: t for p, t in fetch_pack_texts().items() if p.startswith(FOLDER)}
    return Screen(parse_phrases(texts), fetch_weights(), digest=text_digest(texts))


@lru_cache(maxsize=1)
def fetch_weights() -> Weights:
    """Return the weights shipped with this version.

    Errors: BadWeights.
    """
    folder = files("forbear") / "screening" / "weights"
    try:
        with np.load(io.BytesIO((folder / "weights.npz").read_bytes())) as kept:
            table = kept["table"]
        card = yaml.safe_load((folder / "card.yaml").read_text("utf-8"))
    except (OSError, ValueError, KeyError) as error:
        raise BadWeights(f"the weights cannot be read ({error}); reinstall this version") from None
    return parse_weights(table, card, hashlib.sha256(table.tobytes()).hexdigest())
