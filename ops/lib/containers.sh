# Containers for tests: a Docker daemon, base images, docker compose. Sourced after processes.sh, by a script that made
# RUN_FOLDER. Everything in Docker that it makes is named after DOCKER_NAME, which is the script's own.

DOCKERD_PID=
DOCKER_NAME=waybill-test-$$
COMPOSE=()

# install_docker: what is needed of Debian's packages. Without root it says which, and fails.
install_docker() {
    local packages=(docker.io docker-compose debootstrap iptables) missing=() package
    for package in "${packages[@]}"; do
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)" = installed ] || missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    if [ "$(id -u)" -ne 0 ]; then
        echo "A Docker daemon with compose is needed, or: sudo apt-get install -y --no-install-recommends ${missing[*]}" >&2
        return 2
    fi
    echo "installing ${missing[*]}" >&2
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
}

# find_docker: a daemon that answers, else one of this script's own; then COMPOSE is how compose is called.
find_docker() {
    if ! docker info >/dev/null 2>&1; then
        install_docker
        start_docker "$RUN_FOLDER/docker"
    fi
    if docker compose version >/dev/null 2>&1; then COMPOSE=(docker compose); else COMPOSE=(docker-compose); fi
    "${COMPOSE[@]}" version >/dev/null
    # The classic builder everywhere: Debian's docker.io has no other, and what is tested should be one thing.
    export DOCKER_BUILDKIT=0 COMPOSE_DOCKER_CLI_BUILD=0
}

# start_docker FOLDER: a daemon whose every file is in FOLDER, with networks that are seldom used otherwise.
start_docker() {
    local folder=$1
    [ "$(id -u)" -eq 0 ] || { echo "no Docker daemon answers, and only root can start one" >&2; return 2; }
    ! ip link show docker0 >/dev/null 2>&1 || { echo "no Docker daemon answers, but its docker0 is there" >&2; return 2; }
    mkdir -p "$folder"
    cat /proc/sys/net/ipv4/ip_forward >"$folder/ip_forward"
    iptables -S FORWARD | sed -n 's/^-P FORWARD //p' >"$folder/forward_policy"
    # The limits of open files and processes: the daemon's own may be beyond what the machine grants to a container.
    setsid setpriv --pdeathsig TERM dockerd --host "unix://$folder/socket" --data-root "$folder/data" \
        --exec-root "$folder/exec" --pidfile "$folder/pid" --bip 172.29.0.1/24 \
        --default-address-pool base=172.30.0.0/16,size=24 \
        --default-ulimit nofile=20000:20000 --default-ulimit nproc=20000:20000 >"$folder.log" 2>&1 &
    DOCKERD_PID=$!
    export DOCKER_HOST=unix://$folder/socket
    wait_until 60 "$DOCKERD_PID" docker info || { tail -20 "$folder.log" >&2; return 2; }
}

# stop_docker: ends the daemon that start_docker started, with its bridge, its rules and its folder.
stop_docker() {
    [ -n "$DOCKERD_PID" ] || return 0
    local table rule chain
    stop_process "$DOCKERD_PID" TERM 60
    DOCKERD_PID=
    ip link delete docker0 2>/dev/null || true
    for table in nat filter; do
        while read -r rule; do
            # shellcheck disable=SC2086 # a rule is words
            iptables -t "$table" -D ${rule#-A } 2>/dev/null || true
        done < <(iptables -t "$table" -S | grep -E '^-A .*(DOCKER|172\.(29|30)\.|docker0)' || true)
        for chain in $(iptables -t "$table" -S | sed -n 's/^-N \(DOCKER.*\)/\1/p'); do
            iptables -t "$table" -F "$chain" && iptables -t "$table" -X "$chain" || true
        done
    done
    iptables -P FORWARD "$(cat "$RUN_FOLDER/docker/forward_policy")"
    cat "$RUN_FOLDER/docker/ip_forward" >/proc/sys/net/ipv4/ip_forward
}

# find_base_images CACHE: exports DEBIAN_IMAGE, PYTHON_IMAGE and POSTGRES_IMAGE where the official ones cannot be had. What was
# downloaded for that is kept in CACHE.
find_base_images() {
    local image
    for image in debian:bookworm-slim python:3.11-slim-bookworm postgres:17-bookworm; do
        docker image inspect "$image" >/dev/null 2>&1 || timeout 120 docker pull -q "$image" >/dev/null 2>&1 || {
            echo "$image cannot be pulled; making base images of Debian's packages" >&2
            make_base_images "$1"
            return
        }
    done
}

# docker_build TAG ARGUMENT...: what the builder says is shown when it fails.
docker_build() {
    docker build -t "$@" >"$RUN_FOLDER/docker-build.log" 2>&1 || { tail -n 30 "$RUN_FOLDER/docker-build.log" >&2; return 1; }
}

# make_base_images CACHE
make_base_images() {
    [ "$(id -u)" -eq 0 ] || { echo "only root can make a base image with debootstrap" >&2; return 2; }
    export DEBIAN_IMAGE=$DOCKER_NAME-debian PYTHON_IMAGE=$DOCKER_NAME-python POSTGRES_IMAGE=$DOCKER_NAME-postgres
    local wheels
    wheels=$1/wheels-$(sha256sum ops/local-aws/requirements.txt | cut -c 1-16)
    mkdir -p "$1"
    [ -e "$1/debian.tar" ] || make_debian "$1"
    [ -e "$wheels/complete" ] || download_wheels "$wheels"
    docker import --change 'CMD ["bash"]' "$1/debian.tar" "$DEBIAN_IMAGE" >/dev/null
    docker_build "$POSTGRES_IMAGE" --build-arg DEBIAN_IMAGE="$DEBIAN_IMAGE" -f ops/container/stand-in/postgres.Dockerfile .
    docker_build "$PYTHON_IMAGE" -f - "$wheels" <<TEXT
FROM $DEBIAN_IMAGE
RUN apt-get update && apt-get install -y --no-install-recommends python3 python3-venv && rm -rf /var/lib/apt/lists/*
COPY . /wheels
ENV PIP_NO_INDEX=1 PIP_FIND_LINKS=/wheels
TEXT
}

# make_debian CACHE: the root file system of a minimal Debian 12, as debian.tar.
make_debian() {
    local root=$RUN_FOLDER/debian
    debootstrap --variant=minbase bookworm "$root" >"$RUN_FOLDER/debootstrap.log" 2>&1 ||
        { tail -20 "$RUN_FOLDER/debootstrap.log" >&2; return 1; }
    rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/*
    tar -C "$root" --numeric-owner -cf "$1/debian.tar.new" .
    rm -rf "$root"
    mv "$1/debian.tar.new" "$1/debian.tar"
}

# download_wheels FOLDER: the packages of the local AWS, for Debian 12's Python.
download_wheels() {
    mkdir -p "$1"
    python3 -m pip download --quiet --disable-pip-version-check --only-binary=:all: --python-version 3.11 \
        --dest "$1" --requirement ops/local-aws/requirements.txt >&2
    touch "$1/complete"
}
