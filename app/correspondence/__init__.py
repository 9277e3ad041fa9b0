"""Messages as the office sees them: what was sent and what became of it, what came in, whom to phone."""
