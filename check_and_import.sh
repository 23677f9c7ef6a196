#!/bin/sh
# `manage.py check_and_import`, under its name in the earlier installation.
exec "$(dirname "$0")/docker/manage.sh" check_and_import "$@"
