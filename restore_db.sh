#!/bin/sh
# `manage.py restore_db`, under its name in the earlier installation.
exec "$(dirname "$0")/docker/manage.sh" restore_db "$@"
