"""How long the admin's first page takes in an account with 200,000 rows of each kind."""
