"""The business verbs of /v3/action: one file a noun, thin; the work is done in the domain apps."""
