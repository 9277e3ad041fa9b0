"""The first day of an installation: questions, keys, city file, database, first administrator."""
