# A cluster on this machine: servers, workers, and what becomes of the orders. Sourced after processes.sh, postgres.sh,
# python.sh and local-aws.sh, by a script that made RUN_FOLDER and set WAYBILL to the program.

WORKER_PIDS=()
PREFIX=
WITNESS=

# start_servers CHECKOUT FOLDER: starts what the environment does not name, and exports how to reach it; with WITH_PGBOUNCER
# set, PostgreSQL through a PgBouncer (source pgbouncer.sh for that). Sets PREFIX, which
# makes order ids new where others may have been before, and WITNESS, the URL of the local AWS's own count. Writes FOLDER/env
# for a shell of the user's.
start_servers() {
    local checkout=$1 folder=$2
    [ -z "${WAYBILL_POSTGRES:-}${AWS_ENDPOINT_URL:-}" ] || PREFIX=quickstart-$(date +%s)-
    if [ -z "${WAYBILL_POSTGRES:-}" ]; then
        start_postgres "$folder"
        export WAYBILL_POSTGRES=$POSTGRES_CONNINFO
    fi
    if [ -n "${WITH_PGBOUNCER:-}" ]; then
        start_pgbouncer "$folder" "$WAYBILL_POSTGRES"
        export WAYBILL_POSTGRES=$PGBOUNCER_CONNINFO
    fi
    if [ -z "${AWS_ENDPOINT_URL:-}" ]; then
        start_local_aws "$checkout" "$folder"
        export AWS_ENDPOINT_URL=$LOCAL_AWS_URL AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test
        unset AWS_SESSION_TOKEN AWS_PROFILE
    fi
    export AWS_REGION=${AWS_REGION:-us-east-1}
    export WAYBILL_BRANDS=${WAYBILL_BRANDS:-$checkout/ops/templates/brands.json}
    ! curl -fsS "$AWS_ENDPOINT_URL/_local/health" >/dev/null 2>&1 || WITNESS=$AWS_ENDPOINT_URL
    write_env "$folder/env"
}

# write_env FILE: the settings of this cluster as shell commands.
write_env() {
    local name
    (
        umask 077
        for name in WAYBILL_POSTGRES WAYBILL_ENVIRONMENT WAYBILL_BRANDS AWS_ENDPOINT_URL AWS_REGION AWS_ACCESS_KEY_ID \
            AWS_SECRET_ACCESS_KEY; do
            [ -z "${!name:-}" ] || printf 'export %s=%q\n' "$name" "${!name}"
        done
        printf 'export PATH=%q:$PATH\n' "$(dirname "$WAYBILL")"
    ) >"$1"
}

# start_worker LOG PORT: one more, of WAYBILL, in WORKER_PIDS. It dies with this shell; Ctrl-C does not reach it, so that this
# shell ends it first and what it uses afterwards.
start_worker() {
    WAYBILL_HTTP_PORT=$2 setsid setpriv --pdeathsig TERM "$WAYBILL" worker >"$1" 2>&1 &
    WORKER_PIDS+=($!)
}

# start_workers N: starts so many more, each with its own log and health port, and waits until each holds a lease.
start_workers() {
    local first=$((${#WORKER_PIDS[@]} + 1)) last=$((${#WORKER_PIDS[@]} + $1)) number ports=()
    for number in $(seq "$first" "$last"); do
        ports[number]=$(free_port)
        start_worker "$RUN_FOLDER/worker-$number.log" "${ports[number]}"
        echo "${WORKER_PIDS[number - 1]}" >"$RUN_FOLDER/worker-$number.pid"
    done
    for number in $(seq "$first" "$last"); do
        if ! wait_until 60 "${WORKER_PIDS[number - 1]}" curl -fsS "http://127.0.0.1:${ports[number]}/readyz"; then
            echo "worker $number is not ready; its log ends with:" >&2
            tail -n 20 "$RUN_FOLDER/worker-$number.log" >&2
            return 1
        fi
        echo "worker $number is ready, http://127.0.0.1:${ports[number]} shows it" >&2
    done
}

# follow_orders N: shows where the orders are until all are at an end. The time it allows grows with their number, from PATIENCE
# seconds (120) on.
follow_orders() {
    local terminal=
    [ ! -t 2 ] || terminal=yes
    # wait_until silences what it repeats, so the progress goes out by another way.
    exec 3>&2
    if ! wait_until $((${PATIENCE:-120} + $1 / 5)) "${WORKER_PIDS[0]}" look_at_orders "$1" "$terminal"; then
        echo "not every order came to an end in time" >&2
        return 1
    fi
    [ -z "$terminal" ] || echo >&2
}

# look_at_orders N TERMINAL: one look; succeeds when all are at an end. On a terminal each look replaces the one before it,
# elsewhere a line is written when something changed.
look_at_orders() {
    local line code=0
    line=$(python3 ops/lib/reckoning.py progress --waybill "$WAYBILL" --orders "$1" --base "$RUN_FOLDER/before.json") || code=$?
    if [ -n "$2" ]; then
        printf '\r\033[K%s' "$line" >&3
    elif [ "$line" != "${LAST_LINE:-}" ]; then
        echo "$line" >&3
    fi
    LAST_LINE=$line
    return "$code"
}

# show_logs: the end of every log, for whom must find out what went wrong.
show_logs() {
    local log
    for log in "$RUN_FOLDER"/*.log; do
        printf '\n-- %s\n' "$(basename "$log")" >&2
        tail -n 15 "$log" >&2
    done
}

# stop_cluster: for a trap on EXIT. Ends the workers first, then what they use, and keeps the exit code.
stop_cluster() {
    local code=$? pid
    trap - EXIT INT TERM HUP
    for pid in "${WORKER_PIDS[@]}"; do kill -s TERM "$pid" 2>/dev/null || true; done
    for pid in "${WORKER_PIDS[@]}"; do stop_process "$pid" TERM 30; done
    stop_local_aws
    [ -z "${PGBOUNCER_PID:-}" ] || stop_pgbouncer
    stop_postgres
    rm -rf "$RUN_FOLDER"
    exit "$code"
}
