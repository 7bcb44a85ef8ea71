"""The command line: it translates words into actions and answers into words."""

from forbear.cli.app import main

__all__ = ["main"]
