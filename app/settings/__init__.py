"""The only reader of the environment, and the objects a running app holds."""
