"""Reading a mailbox and its letters. Knows no ticket."""
