#!/bin/sh
# `manage.py export_db`, under its name in the earlier installation.
exec "$(dirname "$0")/docker/manage.sh" export_db "$@"
