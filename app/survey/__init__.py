"""The satisfaction survey (SKM, Permenpan RB 14/2017), without a trace of who answered."""
