"""Messages to residents: written into the outbox with the decision, sent by the dispatcher only."""
