"""The pages: each handler parses, asks an action and renders. No logic lives here."""
