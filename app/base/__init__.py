"""What every room stands on: database, clock, ids, sealing, journal, limits. Knows nobody."""
