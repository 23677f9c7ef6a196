"""What is served as in production runs in one of the two runs only: it brings its own database with it."""

import os

collect_ignore = [] if os.environ.get("DATABASE_URL") else ["test_stack.py"]
