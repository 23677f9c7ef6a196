"""How rows are read: plans, pages, search, ids that are resolved, the change log of an object."""
