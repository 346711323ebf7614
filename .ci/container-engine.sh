#!/bin/sh
# Makes a container engine and the image postgres:15 available for the tests, without any image registry.
#
# Safe to run again: does only what is still missing. Prints one line: "container-engine: ready …" or
# "container-engine: none: why". Always exits 0, since a machine without an engine skips those tests by name.
#
# Debian's packages only: docker.io, debootstrap, and the image's own PostgreSQL from the mirror that this machine's
# apt uses.
set -u

image=postgres:15
log=${TMPDIR:-/tmp}/pgrehearse-container-engine.log
socket=/var/run/docker.sock
done_now=

none() {
    echo "container-engine: none: $*"
    exit 0
}

engine_answers() {
    DOCKER_HOST= timeout 10 docker version --format '{{.Server.Version}}' >/dev/null 2>&1
}

# One run at a time: two would start two engines.
exec 9>"${TMPDIR:-/tmp}/pgrehearse-container-engine.lock"
flock 9

if ! engine_answers; then
    [ "$(id -u)" = 0 ] || none "no engine answers, and only root can start one"
fi

missing=
command -v dockerd >/dev/null 2>&1 || engine_answers || missing="$missing docker.io"
command -v docker >/dev/null 2>&1 || missing="$missing docker.io"
command -v debootstrap >/dev/null 2>&1 || missing="$missing debootstrap"
if [ -n "$missing" ]; then
    [ "$(id -u)" = 0 ] || none "only root can install$missing"
    command -v apt-get >/dev/null 2>&1 || none "no apt-get here to install$missing"
    # shellcheck disable=SC2086 # a list of words
    { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing iptables; } \
        >>"$log" 2>&1 || none "apt-get could not install$missing, see $log"
    done_now="$done_now installed:$(echo "$missing" | tr -s ' ' ',' | sed 's/^,//')"
fi

# Tries one engine: $1 storage driver, the rest further options. Leaves it running when it answers.
try_engine() {
    driver=$1
    shift
    rm -f /var/run/docker.pid
    setsid nohup dockerd --host "unix://$socket" --storage-driver "$driver" "$@" \
        </dev/null >>"$log" 2>&1 9>&- &
    engine=$!
    tries=0
    while [ "$tries" -lt 60 ]; do
        engine_answers && return 0
        kill -0 "$engine" 2>/dev/null || return 1
        tries=$((tries + 1))
        sleep 0.5
    done
    kill "$engine" 2>/dev/null
    wait "$engine" 2>/dev/null
    return 1
}

if ! engine_answers; then
    # Older images of machines mount no cgroup controllers that the engine asks for; the newest iptables back end may
    # be missing in the kernel, then ports are published by the engine's own proxy alone.
    if try_engine overlay2; then
        done_now="$done_now started:overlay2"
    elif try_engine overlay2 --iptables=false --ip-masq=false; then
        done_now="$done_now started:overlay2,no-iptables"
    elif try_engine vfs; then
        done_now="$done_now started:vfs"
    elif try_engine vfs --iptables=false --ip-masq=false; then
        done_now="$done_now started:vfs,no-iptables"
    else
        none "dockerd cannot run here: $(grep -v '^$' "$log" | tail -n 1 | cut -c 1-200) (all of it: $log)"
    fi
fi

if ! docker image inspect "$image" >/dev/null 2>&1; then
    [ "$(id -u)" = 0 ] || none "the image $image is missing, and only root can build it"
    release=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
    mirror=$(apt-get indextargets --format '$(SITE) $(RELEASE) $(COMPONENT)' 2>/dev/null \
        | awk -v release="$release" '$2 == release && $3 == "main" { print $1; exit }')
    [ -n "$mirror" ] || none "apt's configuration names no mirror of '$release' to build $image from"
    # PostgreSQL 15 is the one of Debian 12; another release would bring another major version under a wrong name.
    [ "$release" = bookworm ] || none "this machine's Debian is '$release', and $image is built from bookworm"
    root=$(mktemp -d "${TMPDIR:-/tmp}/pgrehearse-image.XXXXXX") || none "no temporary directory"
    trap 'rm -rf "$root"' EXIT
    debootstrap --variant=minbase --include=postgresql,postgresql-contrib,gosu "$release" "$root/root" "$mirror" \
        >>"$log" 2>&1 || none "debootstrap failed, see $log"
    rm -rf "$root/root/var/cache/apt/archives" "$root/root/var/lib/apt/lists" "$root/root/var/lib/postgresql/15"
    mkdir -p "$root/root/var/cache/apt/archives/partial" "$root/root/var/lib/apt/lists/partial"
    # Stands in for the official image's entrypoint, as far as its documented variables go.
    cat >"$root/root/usr/local/bin/docker-entrypoint.sh" <<'ENTRYPOINT'
#!/bin/sh
set -eu
PGDATA=${PGDATA:-/var/lib/postgresql/data}
case "$*" in "postgres --version") exec "$@" ;; postgres*) ;; *) exec "$@" ;; esac
if [ ! -s "$PGDATA/PG_VERSION" ]; then
    install -d -o postgres -g postgres -m 700 "$PGDATA"
    password=$(mktemp)
    if [ -n "${POSTGRES_PASSWORD_FILE:-}" ]; then cat "$POSTGRES_PASSWORD_FILE" >"$password"
    elif [ -n "${POSTGRES_PASSWORD:-}" ]; then printf '%s' "$POSTGRES_PASSWORD" >"$password"
    else echo "POSTGRES_PASSWORD or POSTGRES_PASSWORD_FILE is needed" >&2; exit 1; fi
    chown postgres "$password"
    gosu postgres initdb -D "$PGDATA" -U "${POSTGRES_USER:-postgres}" --pwfile="$password" \
        --auth-local=trust --auth-host=scram-sha-256 -E UTF8 --locale=C.UTF-8
    rm -f "$password"
    echo "host all all all scram-sha-256" >>"$PGDATA/pg_hba.conf"
    gosu postgres pg_ctl -D "$PGDATA" -o "-c listen_addresses=''" -w start
    database=${POSTGRES_DB:-${POSTGRES_USER:-postgres}}
    [ "$database" = postgres ] || gosu postgres createdb -U "${POSTGRES_USER:-postgres}" "$database"
    gosu postgres pg_ctl -D "$PGDATA" -m fast -w stop
fi
exec gosu postgres "$@"
ENTRYPOINT
    chmod 755 "$root/root/usr/local/bin/docker-entrypoint.sh"
    tar -C "$root/root" -c . 2>>"$log" | docker import \
        --change 'ENV PATH=/usr/lib/postgresql/15/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' \
        --change 'ENV PGDATA=/var/lib/postgresql/data PG_MAJOR=15 LANG=C.UTF-8' \
        --change 'EXPOSE 5432' \
        --change 'ENTRYPOINT ["docker-entrypoint.sh"]' --change 'CMD ["postgres", "-c", "listen_addresses=*"]' \
        - "$image" >>"$log" 2>&1 || none "docker import failed, see $log"
    done_now="$done_now built:$image"
fi

version=$(docker run --rm --network none "$image" postgres --version 2>>"$log") \
    || none "the image $image does not run, see $log"
echo "container-engine: ready: $(docker version --format '{{.Server.Version}}'), $image = $version;${done_now:- nothing to do}"
