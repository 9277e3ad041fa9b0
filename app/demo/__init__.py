"""Invented people, photos and work for the demo."""
