"""Ways past parts of Django that cost more than they do here. Each says what it leaves out, and of which Django.

They lean on names that Django does not promise to keep; a test compares each with what stands behind it in Django, and
`AETHER_FAST_PATHS=false` runs without any of them. See docs/decisions/2026-12-01-fast-paths.md.
"""
