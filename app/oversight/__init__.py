"""The five functions of line L: figures, charts, months signed off; public figures, notices of the office."""
