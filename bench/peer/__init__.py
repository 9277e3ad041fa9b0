"""What one careful person builds in a day, to measure against."""
