"""What each database engine, the cache and the channel layer are told beyond their address."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlsplit

from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as LostConnection
from redis.retry import Retry

from kernel.deadline import RECONNECT_SECONDS

# Unicode 14: case does not count, accents do, spaces at the end do.
COLLATION = "utf8mb4_uca1400_nopad_as_ci"
SQL_MODE = "STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION"


def configured(database: dict[str, Any], statement_timeout: int, mysql_backend: str = "") -> dict[str, Any]:
    """`mysql_backend`: a subclass of Django's, in its place."""
    # A lost connection is seen at the first query, and reads are then repeated: asking before each request is dearer.
    database |= {"CONN_MAX_AGE": None, "CONN_HEALTH_CHECKS": False, "ATOMIC_REQUESTS": False}
    own = mariadb(statement_timeout) if database["ENGINE"].endswith(".mysql") else sqlite()
    database["OPTIONS"] = own | database.get("OPTIONS", {})
    if database["ENGINE"].endswith(".mysql"):
        database["ENGINE"] = mysql_backend or database["ENGINE"]
        database["TEST"] = {"CHARSET": "utf8mb4", "COLLATION": COLLATION}
    return database


def sqlite() -> dict[str, Any]:
    # Without IMMEDIATE, two transactions that read and then write end as "database is locked", WAL or not. The file
    # itself remembers WAL, from when it was prepared (kernel/preparation.py).
    return {
        "transaction_mode": "IMMEDIATE",
        "timeout": 15,
        "init_command": "PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
    }


def mariadb(statement_timeout: int) -> dict[str, Any]:
    # Here, as only this engine has the driver installed.
    from django.db.backends.mysql.base import django_conversions
    from MySQLdb.constants import FIELD_TYPE

    options = {
        "charset": "utf8mb4",
        "collation": COLLATION,
        "isolation_level": "read committed",
        "init_command": f"SET sql_mode='{SQL_MODE}', max_statement_time={statement_timeout}, "
        "innodb_lock_wait_timeout=5, time_zone='+00:00'",
        "connect_timeout": RECONNECT_SECONDS,
        # The driver's own reading of a date and time is several times slower.
        "conv": {**django_conversions, FIELD_TYPE.DATETIME: datetime.fromisoformat},
    }
    if statement_timeout:  # the server gives up first; a server that is gone is noticed soon after
        options |= {"read_timeout": statement_timeout + 4, "write_timeout": statement_timeout + 4}
    return options


def broker(redis_url: str) -> str:
    """Where messages for the workers lie: the same Redis; without it in this process, with its own worker."""
    if redis_url.startswith("unix://"):
        parts = urlsplit(redis_url)
        return f"redis+socket://{parts.path}?virtual_host={parse_qs(parts.query).get('db', ['0'])[0]}"
    return redis_url or "memory://localhost/"


def cache(redis_url: str) -> dict[str, Any]:
    """Redis for several processes; without it each process has its own."""
    if not redis_url:
        return {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "aether"}
    return {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": redis_url,
        "KEY_PREFIX": "aether",
        "OPTIONS": {
            # JSON, as whoever can write to Redis could make pickle run code.
            "SERIALIZER": "django_redis.serializers.json.JSONSerializer",
            "SOCKET_CONNECT_TIMEOUT": 0.5,
            "SOCKET_TIMEOUT": 1,
            # A connection that went stale (Redis restarted) is opened anew, once; a Redis that is gone fails at once,
            # and one that hangs is not asked twice.
            "CONNECTION_POOL_KWARGS": {"retry": Retry(NoBackoff(), 1, supported_errors=(LostConnection,))},
        },
    }


def channel_layer(redis_url: str, secret_key: str) -> dict[str, Any]:
    """What websockets of several processes talk over; without Redis it is one process."""
    if not redis_url:
        return {"BACKEND": "channels.layers.InMemoryChannelLayer", "CONFIG": {"capacity": 10_000}}
    # Pub/sub knows no database numbers: two installations that share a Redis must have names of their own.
    prefix = f"aether:{sha256(f'layer:{secret_key}'.encode()).hexdigest()[:12]}:"
    return {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {
            "prefix": prefix,
            # The client's own default gives up a connection on which nothing was heard for five seconds.
            "hosts": [
                {
                    "address": redis_url,
                    "socket_timeout": None,
                    "socket_connect_timeout": 2,
                    "health_check_interval": 15,
                }
            ],
        },
    }
