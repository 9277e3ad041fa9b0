"""Following a registration after sending it: status, messages, and the ways to act on it."""
