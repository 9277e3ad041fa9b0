"""Bytes in, a clean JPEG out; and the store that keeps it sealed."""
