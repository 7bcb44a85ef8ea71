"""The law as dated data: what is in force, on what day. Pure: given text, not files."""
