#!/bin/sh
# manage.py: in the container `api` where compose runs it, else in the virtual environment.
cd "$(dirname "$0")/.." || exit 1
if command -v docker >/dev/null && [ -n "$(docker compose -f docker/compose.yml ps -q api 2>/dev/null)" ]; then
    exec docker compose -f docker/compose.yml exec api python manage.py "$@"
fi
exec .venv/bin/python manage.py "$@"
