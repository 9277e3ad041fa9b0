"""One outbox, a gateway per channel, what comes in, and the desk of messages."""
