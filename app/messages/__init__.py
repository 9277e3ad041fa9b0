"""One outbox, a gateway per channel, what comes in; without pages (app/correspondence has them)."""
