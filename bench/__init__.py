"""How fast Aether is beside what Python can do at all, and other stacks on the same tables. See docs/performance.md."""
