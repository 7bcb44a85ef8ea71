"""Days past due, buckets, cure and roll rates. Pure over columns."""
