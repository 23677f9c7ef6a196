"""How fast Aether is, against what Python can do at all and what other stacks make of the same tables: docs/performance.md."""
