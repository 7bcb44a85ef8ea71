"""Words that must not reach a person: found however they are disguised, with rule and place."""

import os

# Sounds of single characters are all that is asked; the phrases take half a second and 40 MiB.
os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")
