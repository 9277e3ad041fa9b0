"""How long each kind of data is kept, and its erasure with a line of proof (UU 27/2022 art. 42-44)."""
