"""Pages for walls, doors and lecterns: opened by a display token, or by who is signed in."""
