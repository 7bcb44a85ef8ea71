"""The only code that joins the store to the features: do_* writes, access_* reads for a door."""
