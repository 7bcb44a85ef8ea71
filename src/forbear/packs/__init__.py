"""Data only: the rules of each jurisdiction, house policy, strategies and messages. No code."""
