"""Whether a contact may be made, and what must be true of it."""
