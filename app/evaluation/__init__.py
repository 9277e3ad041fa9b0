"""Registers of people and things (standard J and K), versions of the standard, the yearly evaluation (N), downloads."""
