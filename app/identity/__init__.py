"""Rules for the personal data on the forms: what is an error, what is only a flag, how it is spelt.

Pure functions of their arguments: no request, no database, no clock. Only ASCII digits are digits.
Source of the rules: docs/facts.md 1-4; of the refusals: docs/security.md, trap 6, 7.
"""
