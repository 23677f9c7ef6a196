"""Work that nobody waits for: the tasks' door to an account, leases, how long the queue is."""
