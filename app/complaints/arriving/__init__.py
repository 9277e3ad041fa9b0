"""How a complaint comes in, by each channel, and which ticket it belongs to."""
