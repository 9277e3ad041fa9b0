"""The calendar of the office: holidays in a table that the admin corrects."""
