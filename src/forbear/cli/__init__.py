"""The command line: it translates words into actions and answers into words."""
