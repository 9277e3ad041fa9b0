"""Keys: proven at each start, replaced by newer ones while the house works."""
