"""The resident's account beyond signing in: password, number, data, and getting back in."""
