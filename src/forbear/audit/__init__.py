"""The independent reading: what was done, held against the numbers of the packs. Pure."""
