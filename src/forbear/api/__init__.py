"""The door for programs: webhooks come in signed, answers go out as JSON."""
