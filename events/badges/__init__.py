"""Badges on paper: a template's layout and a badge's values, drawn as PDF and PNG."""
