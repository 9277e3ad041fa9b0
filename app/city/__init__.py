"""What a city decides: its file, its hours, its holidays, its working time."""
