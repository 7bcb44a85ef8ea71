"""Loan tapes: what a map may say, and how a row becomes facts or a reason. Pure over columns."""
