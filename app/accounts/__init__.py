"""Accounts of residents and staff: sign-in, sessions, passwords."""
