"""Backup and restore: one command each, for both engines and both photo stores."""
