# A throw-away PostgreSQL server: its own data folder, its own port on 127.0.0.1, gone afterwards. Sourced after processes.sh.

POSTGRES_PID=

# postgres_programs: prints the folder of the newest PostgreSQL server programs that Debian's packages installed.
postgres_programs() {
    local folder newest=
    for folder in $(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V); do
        [ -x "$folder/postgres" ] && newest=$folder
    done
    [ -n "$newest" ] || { echo "PostgreSQL's server programs are missing; ops/install-dependencies installs them." >&2; return 1; }
    echo "$newest"
}

# unprivileged: prints the prefix of a command that PostgreSQL may run with. It refuses to run as root.
unprivileged() {
    [ "$(id -u)" -eq 0 ] || return 0
    local user=nobody
    id postgres >/dev/null 2>&1 && user=postgres
    echo "setpriv --reuid=$user --regid=$(id -gn "$user") --clear-groups"
}

# make_postgres_data FOLDER LOG: makes a cluster in FOLDER/data, with the superuser `waybill` whom it trusts.
make_postgres_data() {
    local programs as_user
    programs=$(postgres_programs)
    as_user=$(unprivileged)
    mkdir -p "$1"
    [ "$(id -u)" -ne 0 ] || chown "$(echo "$as_user" | sed 's/.*--reuid=\([^ ]*\).*/\1/')" "$1"

    # shellcheck disable=SC2086 # as_user is a command with its arguments
    (cd "$1" && $as_user "$programs/initdb" --pgdata="$1/data" --username=waybill --auth=trust \
        --encoding=UTF8 --locale=C.UTF-8 --no-instructions) >"$2" 2>&1 ||
        { cat "$2" >&2; return 1; }
}

# run_postgres FOLDER PORT LOG [OPTION...]: starts the cluster in FOLDER/data and waits until it answers. Sets POSTGRES_PID.
#
# The server dies with this shell, even when the shell is killed: pdeathsig sees to it. Ctrl-C does not reach it (setsid), so
# that those who use it end first. Everything that makes commits
# durable keeps its default, because the tests are about durability.
run_postgres() {
    local folder=$1 port=$2 log=$3 programs as_user
    shift 3
    programs=$(postgres_programs)
    as_user=$(unprivileged)
    # shellcheck disable=SC2086
    (cd "$folder" && exec setsid ${as_user:-setpriv} --pdeathsig INT "$programs/postgres" -D "$folder/data" \
        -c listen_addresses=127.0.0.1 -c port="$port" -c unix_socket_directories="$folder" \
        -c max_connections=200 -c log_line_prefix='%m [%p] ' "$@") >>"$log" 2>&1 &
    POSTGRES_PID=$!
    wait_until 30 "$POSTGRES_PID" "$programs/pg_isready" -q -h 127.0.0.1 -p "$port"
}

# start_postgres FOLDER: makes a cluster in FOLDER/postgres and starts it. Sets POSTGRES_PID and POSTGRES_CONNINFO, the
# connection string of the superuser `waybill`.
start_postgres() {
    local port attempt
    make_postgres_data "$1/postgres" "$1/initdb.log"
    for attempt in 1 2 3; do
        port=$(free_port)
        if run_postgres "$1/postgres" "$port" "$1/postgres.log"; then
            # shellcheck disable=SC2034 # for the script that sourced this
            POSTGRES_CONNINFO="host=127.0.0.1 port=$port user=waybill dbname=postgres"
            return 0
        fi
        stop_postgres
        echo "PostgreSQL did not start (attempt $attempt)" >&2
    done
    cat "$1/postgres.log" >&2
    return 1
}

# stop_postgres: stops the server that start_postgres started, if there is one.
stop_postgres() {
    [ -n "$POSTGRES_PID" ] || return 0
    stop_process "$POSTGRES_PID" INT 20
    POSTGRES_PID=
}
