# Processes that a script starts, watches and stops by their own ids. Sourced by the scripts of ops/; needs bash and GNU tools.

# free_port: prints a TCP port of 127.0.0.1 that nobody used a moment ago. Somebody may take it before the caller does, so
# whoever starts a server with it tries again with another one.
free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# wait_until SECONDS PID CMD...: repeats CMD until it succeeds. Fails when the time is over, or at once when process PID ended.
wait_until() {
    local deadline=$((SECONDS + $1)) pid=$2
    shift 2
    until "$@" >/dev/null 2>&1; do
        kill -0 "$pid" 2>/dev/null || return 1
        [ "$SECONDS" -lt "$deadline" ] || return 1
        sleep 0.05
    done
}

# pause_between_looks SECONDS: for a loop that looks now and then for ever. A signal ends it at once.
pause_between_looks() {
    sleep "$1" &
    wait $! || true
}

# stop_process PID SIGNAL SECONDS: sends SIGNAL, and SIGKILL if the process is still there after SECONDS. The process must be
# a child of this shell, so that its id cannot have passed to another one.
stop_process() {
    local pid=$1 signal=$2 deadline=$((SECONDS + $3))
    kill -s "$signal" "$pid" 2>/dev/null || true
    while kill -0 "$pid" 2>/dev/null; do
        if [ "$SECONDS" -ge "$deadline" ]; then
            kill -s KILL "$pid" 2>/dev/null || true
            break
        fi
        sleep 0.05
    done
    wait "$pid" 2>/dev/null || true
}

# make_run_folder: makes an empty temporary folder, in RUN_FOLDER. Others may pass through it (PostgreSQL runs as another
# user) but not list it.
make_run_folder() {
    RUN_FOLDER=$(mktemp -d "${TMPDIR:-/tmp}/waybill.XXXXXX")
    chmod 711 "$RUN_FOLDER"
}
