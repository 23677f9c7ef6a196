"""The search language of contract section 5: grammar → parser (no Django) → compiler (to the ORM)."""
