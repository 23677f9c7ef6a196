"""What beat has done for operators: the import folder, and a backup each night."""

from __future__ import annotations

import logging

from celery import shared_task
from celery.schedules import crontab

from crud import SingleTask
from operations import backup, drop_folder
from operations.places import Busy

log = logging.getLogger("tasks")
SCHEDULE = {
    "Take in what was dropped into backups/import/": {"task": "operations.take_in", "schedule": crontab()},
    "Back up the database": {"task": "operations.backup", "schedule": crontab(minute="15", hour="2")},
}


@shared_task(base=SingleTask, name="operations.take_in")
def take_in() -> None:
    try:
        for report in drop_folder.work_off():
            if report.state == "failed":
                log.error("import of %s failed; its report lies in failed/", report.file)
    except Busy:
        log.info("somebody takes files in by hand now")


@shared_task(base=SingleTask, name="operations.backup", soft_time_limit=None, time_limit=None)
def make_backup() -> None:
    """Without files: they are large, and never change. docs/backup_and_restore.md says how they are saved."""
    try:
        backup.make_backup()
    except Busy:
        log.info("somebody makes a backup by hand now")
