"""The first page of the admin: what is going on, in figures and plots."""
