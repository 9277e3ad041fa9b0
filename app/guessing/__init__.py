"""How often a secret may be tried, by whom, and what an unknown browser proves besides."""
