#!/bin/sh
# usage: test_packages.sh PYTHON
# Installs the system packages that the tests need, only those whose programs are missing. Needs root for that;
# otherwise names them and fails.
set -eu
PATH=$PATH:/usr/sbin:/sbin
python=$1
missing=""
have() { command -v "$1" >/dev/null 2>&1; }

have mariadbd && have mariadb-install-db || missing="$missing mariadb-server-core"
# A Galera cluster: how its nodes copy each other comes with the server's package.
have wsrep_sst_mariabackup && have wsrep_sst_rsync && have rsync && have socat || missing="$missing mariadb-server"
[ -e /usr/lib/galera/libgalera_smm.so ] || missing="$missing galera-4"
have mariadb-backup || missing="$missing mariadb-backup"
have haproxy || missing="$missing haproxy"
have ss || missing="$missing iproute2"
have mariadb && have mariadb-dump && have mariadb-admin || missing="$missing mariadb-client"
have pkg-config || missing="$missing pkg-config"
{ have pkg-config && { pkg-config --exists libmariadb || pkg-config --exists mariadb; }; } || missing="$missing libmariadb-dev"
have cc || missing="$missing gcc libc6-dev"
"$python" -c 'import os, sys, sysconfig; sys.exit(not os.path.exists(sysconfig.get_path("include") + "/Python.h"))' \
    || missing="$missing python3-dev"
have redis-server && have redis-cli || missing="$missing redis-server"
have nginx || missing="$missing nginx-light"
have envsubst || missing="$missing gettext-base"
have openssl || missing="$missing openssl"
have curl || missing="$missing curl"
have chromium || missing="$missing chromium"
have npm || missing="$missing npm"
[ -e /usr/share/fonts/truetype/dejavu ] || missing="$missing fonts-dejavu-core"

[ -n "$missing" ] || exit 0
if [ "$(id -u)" != 0 ] || ! have apt-get; then
    echo "The tests need these packages:$missing" >&2
    echo "Install them, as root: apt-get install --no-install-recommends$missing" >&2
    exit 1
fi
echo "Installing$missing"
# The archive's list may lag behind on one mirror; the install itself decides.
apt-get -o DPkg::Lock::Timeout=600 update -q || true
# Debian's servers would start as system services on installing; the tests start private ones.
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
    printf '#!/bin/sh\nexit 101\n' > $policy
    chmod 755 $policy
    trap 'rm -f $policy' EXIT
fi
# shellcheck disable=SC2086  # a list of words
DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=600 install -y -q --no-install-recommends $missing
