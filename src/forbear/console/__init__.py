"""The pages that the back office works in: one question a page, what next and may I."""
