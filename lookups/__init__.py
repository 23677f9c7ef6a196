"""Countries, their subdivisions and time zones, shared by all accounts and overridden by each."""
