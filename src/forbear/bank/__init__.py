"""Bank files: their lines are read, matched with what is known, and explained. Pure."""
