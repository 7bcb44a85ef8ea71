"""Forbear runs a pay-later credit account through everything that comes after checkout."""

__version__ = "0.1.0"
