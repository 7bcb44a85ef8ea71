"""What the law requires us to do or to say, by when, and where a text falls short. Pure."""
