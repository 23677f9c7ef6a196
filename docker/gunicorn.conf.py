"""The REST API: `gunicorn --config docker/gunicorn.conf.py aether.wsgi`, behind nginx."""

import os
from pathlib import Path

from gunicorn.glogging import Logger

from aether import gunicorn_worker
from aether.logs import configure
from aether.settings import LOGGING

configure(LOGGING)  # the master logs too, before a worker has loaded Django


class SameLogs(Logger):
    """gunicorn's messages go where all others go."""

    def setup(self, cfg):
        self.error_log.handlers.clear()
        self.error_log.propagate = True
        self.access_log.propagate = False  # every request has its line from kernel.middleware


bind = os.environ.get("AETHER_API_BIND", "0.0.0.0:8000")
workers = int(os.environ.get("AETHER_API_WORKERS", "") or min(4, (os.cpu_count() or 1) + 1))
threads = int(os.environ.get("AETHER_WEB_THREADS", "") or 8)
worker_class = "aether.gunicorn_worker.Worker"
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # a heartbeat must not wait for a disk
logger_class = SameLogs
timeout = 60
graceful_timeout = 30
silence = int(os.environ.get("AETHER_API_SILENCE", "") or 60)
keepalive = 75  # longer than nginx keeps its connections: then only nginx closes one
max_requests = 1_000_000  # rarely: each time a worker's first requests cost more, and others carry its load
max_requests_jitter = 250_000  # not all at once
limit_request_line = 8_190
limit_request_fields = 60
limit_request_field_size = 32_768  # more than nginx passes on: what is refused here is no JSON
umask = 0o027
# nginx says by X-Forwarded-Proto whether the visitor came by HTTPS; Django believes AETHER_TRUSTED_PROXY_COUNT of them.
forwarded_allow_ips = os.environ.get("AETHER_PROXY_ADDRESSES", "127.0.0.1")
header_map = "drop"  # a header spelled with underscores is not the header
control_socket_disable = True


def pre_fork(server, worker):
    gunicorn_worker.starts(worker.age)


def post_worker_init(worker):
    from aether.warm_up import warm_up
    from kernel.metrics import tell_server

    if worker.age == 1:  # the first one says it for all
        from kernel.pending_migrations import log_pending_migrations

        log_pending_migrations()
    tell_server("gunicorn")
    worker.notify()
    warm_up(worker.tpool.submit, threads)
    gunicorn_worker.is_settled(worker.age)


def child_exit(server, worker):
    gunicorn_worker.is_settled(worker.age)


def pre_request(worker, req):
    """`timeout` does not end a request's thread. One whose other side is silent for so long gets an error."""
    req.unreader.sock.settimeout(silence)
