"""Who is calling, and whose data it is: accounts, sites, people, users, keys."""
