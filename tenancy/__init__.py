"""Whose rows may be touched. Everything about isolation that is not about HTTP."""
