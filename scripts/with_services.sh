#!/bin/sh
# usage: with_services.sh COMMAND...
# Starts a MariaDB and a Redis of its own, in a temporary directory, runs COMMAND with DATABASE_URL and REDIS_URL set,
# and stops what it started. Nothing else on the machine is touched. A test may kill either ($AETHER_TEST_SERVICES holds
# mariadb.pid and redis.pid) and start it again ($AETHER_TEST_SERVICES/start-mariadb, …/start-redis).
set -eu
PATH=$PATH:/usr/sbin:/sbin
W=$(mktemp -d "${TMPDIR:-/tmp}/aether-svc.XXXXXX")  # short: the path of a socket is limited to 107 bytes
chmod 755 "$W"
AS=""
[ "$(id -u)" != 0 ] || AS="--user=root"  # mariadbd refuses to run as root without it

# A process that ended but that nobody has collected yet counts as gone.
alive() { kill -0 "$1" 2>/dev/null && ! grep -q '^State:.*Z' "/proc/$1/status" 2>/dev/null; }

stop() {
    trap - EXIT INT TERM
    for name in mariadb redis; do
        pid=$(cat "$W/$name.pid" 2>/dev/null) || continue
        kill "$pid" 2>/dev/null || continue
        n=0
        while alive "$pid" && [ $n -lt 100 ]; do n=$((n + 1)); sleep 0.1; done
        kill -9 "$pid" 2>/dev/null || true
    done
    rm -rf "$W"
}
trap stop EXIT
trap 'stop; exit 130' INT TERM

# Port 0 asks the kernel for a free one.
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')

cat > "$W/start-mariadb" <<END
#!/bin/sh
# Starts MariaDB in the background and waits until it answers.
mariadbd --no-defaults $AS --datadir="$W/data" --tmpdir="$W" --socket="$W/my.sock" --pid-file="$W/my.pid" --skip-networking \\
    --character-set-server=utf8mb4 --collation-server=utf8mb4_uca1400_nopad_as_ci \\
    --skip-log-bin --sync-binlog=0 --innodb-flush-log-at-trx-commit=0 --skip-innodb-doublewrite \\
    --innodb-buffer-pool-size=128M --innodb-log-file-size=32M --performance-schema=OFF --max-connections=100 \\
    > "$W/mariadb.log" 2>&1 </dev/null &
pid=\$!
echo \$pid > "$W/mariadb.pid"
n=0
until mariadb-admin --no-defaults --socket="$W/my.sock" -uroot ping >/dev/null 2>&1; do
    n=\$((n + 1))
    kill -0 \$pid 2>/dev/null && [ \$n -lt 300 ] || { cat "$W/mariadb.log" >&2; exit 1; }
    sleep 0.1
done
END
cat > "$W/start-redis" <<END
#!/bin/sh
# Starts Redis in the background and waits until it answers.
redis-server --bind 127.0.0.1 --port $port --save '' --appendonly no --dir "$W" --daemonize no \\
    --logfile "$W/redis.log" </dev/null >/dev/null 2>&1 &
pid=\$!
echo \$pid > "$W/redis.pid"
n=0
until redis-cli -p $port ping 2>/dev/null | grep -q PONG; do
    n=\$((n + 1))
    kill -0 \$pid 2>/dev/null && [ \$n -lt 200 ] || { cat "$W/redis.log" >&2; exit 1; }
    sleep 0.05
done
END
chmod 755 "$W/start-mariadb" "$W/start-redis"

mariadb-install-db --no-defaults --datadir="$W/data" $AS --auth-root-authentication-method=normal \
    --skip-test-db --skip-name-resolve > "$W/install.log" 2>&1 || { cat "$W/install.log" >&2; exit 1; }
"$W/start-mariadb"
"$W/start-redis"
mariadb --no-defaults --socket="$W/my.sock" -uroot \
    -e "create database aether character set utf8mb4 collate utf8mb4_uca1400_nopad_as_ci"

export AETHER_TEST_SERVICES="$W"
export DATABASE_URL="mysql://root@localhost/aether?unix_socket=$W/my.sock"
export REDIS_URL="redis://127.0.0.1:$port/0"
rc=0
"$@" || rc=$?
exit $rc
