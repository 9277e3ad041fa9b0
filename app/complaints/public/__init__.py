"""The resident's pages: the form and its tracking."""
