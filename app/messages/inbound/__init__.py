"""What residents send us by WhatsApp."""
