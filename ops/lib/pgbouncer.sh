# A throw-away PgBouncer in transaction mode, in front of a server on 127.0.0.1. Sourced after processes.sh and postgres.sh.

PGBOUNCER_PID=

# run_pgbouncer FOLDER PORT SERVER-PORT: starts it on PORT, with its log in FOLDER/log. Sets PGBOUNCER_PID. It gives each
# transaction one of a few connections, so nothing that a session keeps reaches the next transaction.
run_pgbouncer() {
    local folder=$1 port=$2 server_port=$3 as_user
    as_user=$(unprivileged)
    mkdir -p "$folder"
    cat >"$folder/pgbouncer.ini" <<INI
[databases]
* = host=127.0.0.1 port=$server_port user=waybill
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = $port
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 20
max_client_conn = 500
logfile = $folder/log
INI
    [ "$(id -u)" -ne 0 ] || chown -R "$(echo "$as_user" | sed 's/.*--reuid=\([^ ]*\).*/\1/')" "$folder"
    # shellcheck disable=SC2086 # as_user is a command with its arguments
    (cd "$folder" && exec setsid ${as_user:-setpriv} --pdeathsig INT pgbouncer -q pgbouncer.ini) >>"$folder/out" 2>&1 &
    PGBOUNCER_PID=$!
    wait_until 20 "$PGBOUNCER_PID" psql --no-psqlrc -qAt -c 'SELECT 1' "$(pgbouncer_conninfo "$port")"
}

pgbouncer_conninfo() { echo "host=127.0.0.1 port=$1 user=waybill dbname=postgres"; }

# start_pgbouncer FOLDER CONNINFO: starts it in FOLDER/pgbouncer in front of the server of a connection string that names its
# port. Sets PGBOUNCER_PID and PGBOUNCER_CONNINFO.
start_pgbouncer() {
    local port attempt server_port
    server_port=$(sed -n 's/.*port=\([0-9]*\).*/\1/p' <<<"$2")
    for attempt in 1 2 3; do
        port=$(free_port)
        if run_pgbouncer "$1/pgbouncer" "$port" "$server_port"; then
            # shellcheck disable=SC2034 # for the script that sourced this
            PGBOUNCER_CONNINFO=$(pgbouncer_conninfo "$port")
            return 0
        fi
        stop_pgbouncer
        echo "PgBouncer did not start (attempt $attempt)" >&2
    done
    cat "$1/pgbouncer/out" "$1/pgbouncer/log" >&2
    return 1
}

# stop_pgbouncer: stops what start_pgbouncer started, if anything.
stop_pgbouncer() {
    [ -n "$PGBOUNCER_PID" ] || return 0
    stop_process "$PGBOUNCER_PID" INT 10
    PGBOUNCER_PID=
}
