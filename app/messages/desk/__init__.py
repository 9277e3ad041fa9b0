"""The pages of messages and calls."""
