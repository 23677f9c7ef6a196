"""Django's settings, from the environment (see aether/env.py; `.env.example` names every variable)."""

from __future__ import annotations

import hashlib
import hmac
import os
from pathlib import Path

from corsheaders.defaults import default_headers
from django.templatetags.static import static
from django.urls import reverse_lazy
from kombu.entity import Exchange, Queue

from accounts import service_address
from aether import __version__, databases, env, home, logs, mail_server, secrets, storage

ROOT = Path(__file__).resolve().parent.parent
read = env.load(ROOT)

AETHER_ENV = read.choice("AETHER_ENV", "development", ("development", "production"))
PRODUCTION = AETHER_ENV == "production"
AETHER_HOME = read.path("AETHER_HOME", ROOT / "var")
if not PRODUCTION:  # a service's files are other users' too: nginx reads them
    if (ROOT / env.MARKER).is_file():
        env.refuse_to_guess(read, ROOT, os.environ)
    home.keep_private(AETHER_HOME)
DEBUG = read.boolean("AETHER_DEBUG", default=False) and not PRODUCTION

# --- secrets
given = {
    "AETHER_SECRET_KEY": read.text("AETHER_SECRET_KEY"),
    "AETHER_API_JWT_KEY": read.text("AETHER_API_JWT_KEY") or read.text("AE_API_JWT_KEY"),
}
if PRODUCTION:
    secrets.check(given)
elif not all(given.values()):
    secrets_of_home = secrets.made_once(AETHER_HOME / "secrets.json")
    given = {name: value or secrets_of_home[name] for name, value in given.items()}
SECRET_KEY = given["AETHER_SECRET_KEY"]
AETHER_API_JWT_KEY = given["AETHER_API_JWT_KEY"]
AETHER_API_JWT_PREVIOUS_KEYS = read.words("AETHER_API_JWT_PREVIOUS_KEYS", [])
AETHER_KEY_PEPPER = (
    read.text("AETHER_KEY_PEPPER")
    or hmac.new(SECRET_KEY.encode(), b"aether.api-key-pepper", hashlib.sha256).hexdigest()
)

# --- where it is served, and to whom
AETHER_SERVE_HOST = read.text("HOST", "127.0.0.1")
AETHER_SERVE_PORT = read.integer("PORT", 5005, least=0, most=65535)
AETHER_WEB_THREADS = read.integer("AETHER_WEB_THREADS", 8, least=1, most=256)
AETHER_FAIR_SHARE = read.fraction("AETHER_FAIR_SHARE", 0.5, least=0.1)
AETHER_ACCOUNT_SOCKETS = read.integer("AETHER_ACCOUNT_SOCKETS", 2_500, least=1)
AETHER_EXPORT_SECONDS = read.integer("AETHER_EXPORT_SECONDS", 600, least=1)
AETHER_BODY_RATE = read.integer("AETHER_BODY_RATE", 500, least=1, most=2**30)
AETHER_BODY_PATIENCE = read.integer("AETHER_BODY_PATIENCE", 30, least=1, most=3600)
served_locally = AETHER_SERVE_HOST in {"127.0.0.1", "::1", "localhost"}
# In development, HOST=0.0.0.0 opens the server to others, under whatever name they know it by.
ALLOWED_HOSTS = read.words(
    "ALLOWED_HOSTS",
    [] if PRODUCTION else [".localhost", "127.0.0.1", "[::1]"] if served_locally else ["*"],
)
# Where the development servers of common front-end tools listen.
LOCAL_ORIGINS = [f"http://{name}:{port}" for name in ("localhost", "127.0.0.1") for port in (3000, 5173)]
CORS_ALLOWED_ORIGINS = read.origins("CORS_ALLOWED_ORIGINS", [] if PRODUCTION else LOCAL_ORIGINS)
CORS_ALLOW_HEADERS = (
    *default_headers,
    "x-aether-api-key",
    "x-account-id",
    "x-no-account-id",
    *("x-ae-ignore-extra-fields", "x-ae-clock-offset"),
    "idempotency-key",
    "if-match",
    "if-none-match",
    "if-range",
    "range",
    "x-request-id",
    *("tus-resumable", "upload-length", "upload-metadata", "upload-offset", "upload-checksum"),
)
CORS_EXPOSE_HEADERS = ["etag", "x-request-id", "location", "retry-after", "content-disposition", "content-range"]
CORS_EXPOSE_HEADERS += ["x-aether-warnings", "tus-resumable", "tus-version", "tus-extension", "tus-max-size"]
CORS_EXPOSE_HEADERS += ["upload-offset", "upload-length", "upload-metadata", "upload-expires"]
CORS_EXPOSE_HEADERS += ["aether-hosted-file-id", "aether-event-file-id"]
CORS_EXPOSE_HEADERS += ["date"]  # a device in a hall learns by how much its clock is wrong

# --- the application
ROOT_URLCONF = "aether.urls"
WSGI_APPLICATION = "aether.wsgi.application"
APPEND_SLASH = False  # both spellings are routed: a redirect would lose the body
USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = False
FORMAT_MODULE_PATH = "aether.formats"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = [
    "aether",
    "dashboard",  # its first page stands before Unfold's
    "unfold",  # before the admin, whose templates it replaces
    "unfold.contrib.filters",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular_sidecar",
    "django_celery_beat",
    "corsheaders",
    "tenancy",
    "kernel",
    "crud",
    "mail",
    "accounts",
    "lookups",
    "files",
    "content",
    "events",
    "actions",
    "desk",
    "screens",
    "demo",
    "agents",
    "realtime",
    "legacy",
    "operations",
]
# Ways past parts of Django that cost more than they do here (aether/fast).
AETHER_FAST_PATHS = read.boolean("AETHER_FAST_PATHS", default=True)
API_RESPONSE_CLASS = "aether.fast.response.FastResponse" if AETHER_FAST_PATHS else "crud.rest.responses.ApiResponse"
MIDDLEWARE = [
    "aether.fast.request_log.FastRequestMiddleware" if AETHER_FAST_PATHS else "kernel.middleware.RequestMiddleware",
    "aether.middleware.BrowserOrigins",
    "aether.middleware.StaffChain",
]
# What a page for people needs and an API request does not; aether.middleware.StaffChain runs it.
STAFF_MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "aether.content_security.ContentSecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "accounts.staff.StaffTenantMiddleware",
]
# Django looks for these in MIDDLEWARE only; aether.checks looks for them in STAFF_MIDDLEWARE instead.
SILENCED_SYSTEM_CHECKS = [
    "admin.E408",  # AuthenticationMiddleware
    "admin.E409",  # MessageMiddleware
    "admin.E410",  # SessionMiddleware
    "security.W001",  # SecurityMiddleware
    "security.W002",  # XFrameOptionsMiddleware
    "security.W003",  # CsrfViewMiddleware
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
AETHER_ADDRESS_RATE = read.integer("AETHER_ADDRESS_RATE", 0, most=10**6)
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["accounts.authentication.ApiAuthentication"],
    "DEFAULT_THROTTLE_CLASSES": [
        "accounts.request_rates.KeyRate",
        *(["accounts.request_rates.AddressRate"] if AETHER_ADDRESS_RATE else []),
        "accounts.request_rates.FairShare",  # the last: who is refused by another takes no place
    ],
    "DEFAULT_PERMISSION_CLASSES": ["crud.rest.permissions.IsCaller"],
    "DEFAULT_PARSER_CLASSES": ["crud.rest.parsers.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["crud.rest.renderers.EnvelopeRenderer"],  # and no other: no browsable API
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "crud.rest.negotiation.OneRepresentation",
    "DEFAULT_METADATA_CLASS": None,
    "DEFAULT_VERSIONING_CLASS": None,
    "EXCEPTION_HANDLER": "crud.rest.exceptions.handle",
    "UNAUTHENTICATED_USER": None,
    "UNAUTHENTICATED_TOKEN": None,
    "FORMAT_SUFFIX_KWARG": None,
    "URL_FORMAT_OVERRIDE": None,
}

# --- people and keys
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.sign_in.SignInBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
SIMPLE_JWT = {"TOKEN_TYPE_CLAIM": "use", "USER_ID_FIELD": "id_random", "USER_ID_CLAIM": "sub"}  # see accounts.tokens
AETHER_JWT_ISSUER = read.text("AETHER_JWT_ISSUER", "aether")
AETHER_JWT_AUDIENCE = read.text("AETHER_JWT_AUDIENCE", "aether-api")
AETHER_ACCESS_TOKEN_MINUTES = read.integer("AETHER_ACCESS_TOKEN_MINUTES", 60, least=1, most=1440)
AETHER_REFRESH_TOKEN_DAYS = read.integer("AETHER_REFRESH_TOKEN_DAYS", 14, least=1, most=365)
AETHER_REFRESH_REUSE_SECONDS = read.integer("AETHER_REFRESH_REUSE_SECONDS", 10, least=0, most=300)
AETHER_PASSCODE_TOKEN_HOURS = read.integer("AETHER_PASSCODE_TOKEN_HOURS", 12, least=1, most=168)
AETHER_EXHIBITOR_TOKEN_HOURS = read.integer("AETHER_EXHIBITOR_TOKEN_HOURS", 8, least=1, most=168)
AETHER_GUEST_TOKEN_HOURS = read.integer("AETHER_GUEST_TOKEN_HOURS", 24, least=1, most=168)

# --- the API
AETHER_VERSION = __version__
AETHER_DELETE_DEFAULT = read.choice("AETHER_DELETE_DEFAULT", "hide", ("hide", "disable", "delete"))
AETHER_MAX_BODY_BYTES = read.integer("AETHER_MAX_BODY_BYTES", 2**20, least=1024)
DATA_UPLOAD_MAX_MEMORY_SIZE = AETHER_MAX_BODY_BYTES
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200
DATA_UPLOAD_MAX_NUMBER_FILES = 10
AETHER_CHANGE_LOG_DAYS = read.integer("AETHER_CHANGE_LOG_DAYS", 730)
AETHER_METRICS_ALLOWED_NETWORKS = read.networks("AETHER_METRICS_ALLOWED_NETWORKS", ["127.0.0.1", "::1"])
AETHER_METRICS_DIR = read.path("AETHER_METRICS_DIR", AETHER_HOME / "metrics")
AETHER_TRUSTED_PROXY_COUNT = read.integer("AETHER_TRUSTED_PROXY_COUNT", 0, most=10)

# --- outside services
NOVI_API_BASE = read.fitting(
    "NOVI_API_BASE", "", service_address.is_service_address, "must be an https:// address without a user, ? or #"
)
NOVI_API_KEY = read.fitting("NOVI_API_KEY", "", service_address.is_key, "must be printable ASCII without blanks")
AETHER_NOVI_PATH = read.fitting(
    "AETHER_NOVI_PATH", "/customers/{uuid}", service_address.is_member_path, "must be a path with {uuid} as one part"
)
AETHER_NOVI_CALLS_PER_MINUTE = read.integer("AETHER_NOVI_CALLS_PER_MINUTE", 60, least=1)
AETHER_NOVI_STALE_SECONDS = read.integer("AETHER_NOVI_STALE_SECONDS", 86_400, least=0, most=30 * 86_400)
AETHER_NOVI_CONNECT_SECONDS = read.integer("AETHER_NOVI_CONNECT_SECONDS", 3, least=1, most=60)
AETHER_NOVI_READ_SECONDS = read.integer("AETHER_NOVI_READ_SECONDS", 5, least=1, most=60)
AETHER_NOVI_TOTAL_SECONDS = read.integer("AETHER_NOVI_TOTAL_SECONDS", 9, least=1, most=120)

AETHER_LEGACY = read.boolean("AETHER_LEGACY", default=True)
AETHER_LEGACY_SUNSET = read.day("AETHER_LEGACY_SUNSET")

# --- backups and bundles
AETHER_BUNDLE_TRUST = read.choice("AETHER_BUNDLE_TRUST", "known", ("known", "any"))
AETHER_BACKUP_KEEP_DAYS = read.integer("AETHER_BACKUP_KEEP_DAYS", 7)
AETHER_BACKUP_KEEP_WEEKS = read.integer("AETHER_BACKUP_KEEP_WEEKS", 5)
AETHER_BACKUP_KEEP_MONTHS = read.integer("AETHER_BACKUP_KEEP_MONTHS", 12)

# --- database, cache and channel layer
AETHER_STATEMENT_TIMEOUT = read.integer("AETHER_STATEMENT_TIMEOUT", 10, most=86400)
DATABASES = {
    "default": databases.configured(
        read.database("DATABASE_URL", AETHER_HOME / "aether.sqlite3"),
        AETHER_STATEMENT_TIMEOUT,
        "aether.fast.mysql" if AETHER_FAST_PATHS else "",
    )
}
REDIS_URL = read.url("REDIS_URL", ("redis", "rediss", "unix"))
CACHES = {"default": databases.cache(REDIS_URL)}
CHANNEL_LAYERS = {"default": databases.channel_layer(REDIS_URL, SECRET_KEY)}

# --- background work (aether/celery.py)
CELERY_BROKER_URL = read.url(
    "CELERY_BROKER_URL", ("redis", "rediss", "redis+socket", "sentinel", "amqp", "amqps", "memory")
) or databases.broker(REDIS_URL)
AETHER_WORKER_THREADS = read.integer("AETHER_WORKER_THREADS", 2, least=0, most=64)
AETHER_TASK_SECONDS = read.integer("AETHER_TASK_SECONDS", 3_600, least=10, most=86_400)
CELERY_TASK_TIME_LIMIT = AETHER_TASK_SECONDS + 60  # the worker process is killed
CELERY_TASK_SOFT_TIME_LIMIT = AETHER_TASK_SECONDS + 30  # the task is told
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # A message that nobody has acknowledged for so long comes again: later than any task can still run.
    "visibility_timeout": AETHER_TASK_SECONDS + 120,
    "socket_connect_timeout": 3,
    "socket_keepalive": True,
}
# A message is done when the work is: a worker that dies leaves it to the next one.
CELERY_TASK_ACKS_LATE = CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_WORKER_MAX_TASKS_PER_CHILD = 200
CELERY_TASK_IGNORE_RESULT = True  # results are rows
CELERY_TASK_SERIALIZER = CELERY_EVENT_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_DEFAULT_QUEUE = "aether"  # what is due by schedule
AETHER_ACCOUNT_QUEUES = [f"aether.accounts.{number}" for number in range(8)]  # what is done for accounts, dealt out
CELERY_TASK_QUEUES = [
    Queue(name, Exchange(name), routing_key=name) for name in (CELERY_TASK_DEFAULT_QUEUE, *AETHER_ACCOUNT_QUEUES)
]
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0.1}
CELERY_BROKER_CONNECTION_TIMEOUT = 3
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_WORKER_CONSUMER = "crud.background.consumer:Consumer"
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULER = "aether.schedule:Scheduler"

# --- hosted files
STORAGE_URL = read.fitting("STORAGE_URL", "", storage.is_storage, "must be file:///directory or s3://bucket/prefix")
FILE_UPLOAD_PERMISSIONS = 0o644 if PRODUCTION else 0o600
AETHER_MAX_UPLOAD_BYTES = read.integer("AETHER_MAX_UPLOAD_BYTES", 4 * 2**30, least=1, most=2**44)
AETHER_X_ACCEL_PREFIX = read.fitting(
    "AETHER_X_ACCEL_PREFIX", "", lambda path: path.startswith("/") and path.endswith("/"), "must look like /files/"
)
AETHER_FILE_GRACE_HOURS = read.integer("AETHER_FILE_GRACE_HOURS", 24, least=1, most=24 * 365)
AETHER_TUS_EXPIRE_SECONDS = read.integer("AETHER_TUS_EXPIRE_SECONDS", 86_400, least=60, most=30 * 86_400)
AETHER_MEDIA_CHILDREN = read.integer("AETHER_MEDIA_CHILDREN", 2, least=1, most=64)
AETHER_FFMPEG = read.text("AETHER_FFMPEG")

# --- mail
MAIL = mail_server.configured(read, AETHER_HOME)
AETHER_MAIL_BY_ENVIRONMENT = MAIL.by_environment
EMAIL_BACKEND, EMAIL_FILE_PATH = MAIL.backend, MAIL.directory
EMAIL_HOST, EMAIL_PORT = MAIL.host, MAIL.port
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = MAIL.user, MAIL.password
EMAIL_USE_TLS, EMAIL_USE_SSL = MAIL.security == "starttls", MAIL.security == "tls"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = SERVER_EMAIL = MAIL.from_address
AETHER_PUBLIC_URL = read.fitting(
    "AETHER_PUBLIC_URL", "", mail_server.is_public_address, "must be an address such as https://aether.example.org"
).rstrip("/")
AETHER_MAIL_RETRY_SECONDS = read.integer("AETHER_MAIL_RETRY_SECONDS", 60, least=1, most=3_600)
AETHER_MAIL_KEEP_DAYS = read.integer("AETHER_MAIL_KEEP_DAYS", 30)

# --- static files
STATIC_URL = "/static/"
STATIC_ROOT = AETHER_HOME / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "files": storage.configured(STORAGE_URL, AETHER_HOME),
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
# In development files are looked up where the apps keep them, at the moment they are asked for: no collectstatic.
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = not PRODUCTION

# --- the admin's looks
UNFOLD = {
    "SITE_TITLE": "Aether",
    "SITE_HEADER": "Aether",
    "DASHBOARD_CALLBACK": "dashboard.panels.fill",
    "SITE_SYMBOL": "hub",
    "SITE_URL": None,  # there is no page at / to view
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_BACK_BUTTON": True,
    "BORDER_RADIUS": "6px",
    "COLORS": {
        "primary": {
            "50": "oklch(97% .014 237)",
            "100": "oklch(93.2% .032 237)",
            "200": "oklch(88.2% .059 237)",
            "300": "oklch(80.9% .105 237)",
            "400": "oklch(70.7% .13 237)",
            "500": "oklch(60% .13 237)",
            "600": "oklch(50% .12 240)",
            "700": "oklch(44% .11 242)",
            "800": "oklch(38% .09 243)",
            "900": "oklch(34% .075 244)",
            "950": "oklch(26% .055 245)",
        }
    },
    "ACCOUNT": {
        "navigation": [
            {"title": "My sessions", "link": reverse_lazy("admin_sessions")},
            {"title": "Second factor", "link": reverse_lazy("second_factor")},
            {"title": "Change password", "link": reverse_lazy("admin:password_change")},
        ]
    },
    "SIDEBAR": {"show_search": True, "show_all_applications": False},
    "STYLES": [lambda request: static("crud/admin.css")],
    "SCRIPTS": [lambda request: static("crud/alpine_names.js"), lambda request: static("crud/admin.js")],
}

# --- transport
HTTPS = read.boolean("AETHER_HTTPS", default=PRODUCTION)
SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = read.integer("AETHER_HSTS_SECONDS", 31_536_000 if HTTPS else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = read.boolean("AETHER_HSTS_SUBDOMAINS", default=False)
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
if AETHER_TRUSTED_PROXY_COUNT:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "DENY"

# --- logs
LOGGING_CONFIG = "aether.logs.configure"
LOGGING = {
    "directory": read.path("AETHER_LOG_DIR", AETHER_HOME / "logs"),
    "level": read.choice("AETHER_LOG_LEVEL", "INFO", logs.LEVELS),
    "as_json": PRODUCTION,
    "console": read.boolean("AETHER_LOG_CONSOLE", default=True),
}
