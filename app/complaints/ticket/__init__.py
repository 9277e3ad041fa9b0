"""One complaint: its rows, words, states, clocks, and who may see it."""
