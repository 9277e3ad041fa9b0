"""The whole journey walked against an installation of invented people, and a stand-in for Twilio."""
