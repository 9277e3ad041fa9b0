"""The inbox and the desk of one complaint."""
