"""The night: an ordered list of named steps over columns. Pure over frames."""
