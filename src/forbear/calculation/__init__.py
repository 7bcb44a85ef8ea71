"""What a claim costs, how much it may ask for, and by when, counted from the packs. Pure."""
