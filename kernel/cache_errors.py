"""What the cache raises when it is away."""

from __future__ import annotations

from typing import Final

from django_redis.exceptions import ConnectionInterrupted
from redis.exceptions import RedisError

CACHE_ERRORS: Final = (ConnectionInterrupted, RedisError, OSError)
