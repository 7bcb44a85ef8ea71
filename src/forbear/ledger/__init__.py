"""The books: which accounts they have, what moves between them, and that it balances. Pure."""
