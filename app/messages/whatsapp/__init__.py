"""WhatsApp by Twilio: gateway, templates, webhooks, errors."""
