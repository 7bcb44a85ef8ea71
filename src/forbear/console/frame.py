"""What every page's frame shows."""
