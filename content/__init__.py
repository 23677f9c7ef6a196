"""Journals, pages, posts, archives."""
