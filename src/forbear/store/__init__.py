"""Input and output without decisions: models, bulk lanes, files and the database server."""
