#!/bin/sh
# `manage.py backup_db`, under its name in the earlier installation.
exec "$(dirname "$0")/docker/manage.sh" backup_db "$@"
