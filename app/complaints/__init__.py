"""Complaints: every channel of the standard (F) in one inbox, answered in time, followed by the resident."""
