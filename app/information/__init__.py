"""Public pages: home, service standard, privacy."""
