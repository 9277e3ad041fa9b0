"""The engine of every desk: kinds of case as data, claims, acts, undo, clocks, lists (docs/casework.md)."""
