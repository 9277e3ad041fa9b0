"""The office about itself: journal, staff, calendar, rights, own security."""
