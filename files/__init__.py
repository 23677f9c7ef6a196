"""Hosted files: store, receive, hand out, convert, clip."""
