"""Rights over personal data (UU 27/2022 art. 5-13): asked by residents, answered within 3 x 24 hours."""
