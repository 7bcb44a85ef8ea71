"""What runs by itself: the night at its hour, dispatch every few seconds."""
