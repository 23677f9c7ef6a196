"""How rows are written: payload, lock, transaction, read-back; one answer for one Idempotency-Key."""
