"""What a product says, what falls due under it, its cost, and the book of what is owed. Pure."""
