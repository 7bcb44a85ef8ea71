"""What was done, so that anybody can check it: entries, their tree, signed checkpoints, receipts.

Pure: no clock, no database, no files, no chance. Secrets and salts are arguments.
"""
