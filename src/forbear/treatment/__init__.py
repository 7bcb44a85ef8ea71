"""Which step fits which person: score, strategy tree, message. Pure."""
