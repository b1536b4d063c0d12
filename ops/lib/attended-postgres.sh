# A PostgreSQL that obeys the lines of its standard input: for tests that crash it, fill its disk, or replace it by its copy.
#   bash attended-postgres.sh CHECKOUT FOLDER [NAME=VALUE...]     with these settings of the server
# With MEBIBYTES in the environment its data lie on a disk of that size, a tmpfs that only these processes see: run it under
# `unshare --mount` then. Prints `ready PORT STANDBY-PORT`, and `done LINE` when a line is done. When its input ends, or when
# it dies, the servers end too.
#   start            starts the server
#   crash            pg_ctl stop -m immediate
#   standby          makes a synchronous copy and starts it on STANDBY-PORT: commits wait for it from then on
#   promote          makes the copy the primary. They have changed places then: the next `standby` is made on the port of
#                    the former primary, and takes the place of its data
#   backup, restore  copies all data to where `restore`, with the server stopped, takes them back from
#   fill, free       fills the disk to its last byte; gives the room back and starts the server if it went down meanwhile
set -euo pipefail
checkout=$1 folder=$2/postgres log=$2/postgres.log initdb_log=$2/initdb.log
shift 2
options=()
for option in "$@"; do options+=(-c "$option"); done
for piece in processes postgres; do
    # shellcheck source=/dev/null
    . "$checkout/ops/lib/$piece.sh"
done
programs=$(postgres_programs)
as_user=$(unprivileged)
primary=$folder standby=$folder/copy
primary_pid='' standby_pid=''

end_servers() {
    local pid
    for pid in $primary_pid $standby_pid; do stop_process "$pid" QUIT 10; done
}
trap end_servers EXIT

start_primary() {
    # Little WAL is kept, so that a small disk has room for the data.
    run_postgres "$primary" "$port" "$log" "${options[@]}" -c min_wal_size=32MB -c max_wal_size=64MB
    primary_pid=$POSTGRES_PID
}

# as_postgres CMD...: runs a program of PostgreSQL's as the servers' user.
as_postgres() {
    # shellcheck disable=SC2086
    (cd "$folder" && $as_user "$programs/$@") >>"$log" 2>&1
}

sql() { as_postgres psql --no-psqlrc -h 127.0.0.1 -p "$port" -U waybill -d postgres -v ON_ERROR_STOP=1 -qAt -c "$1"; }

copy_to() { as_postgres pg_basebackup -h 127.0.0.1 -p "$port" -U waybill -D "$1" --checkpoint=fast --wal-method=stream "${@:2}"; }

stands_by() { sql "SELECT 1 / count(*) FROM pg_stat_replication WHERE sync_state = 'sync'"; }

change_places() {
    local place=$primary place_port=$port pid=$primary_pid
    primary=$standby port=$standby_port primary_pid=$standby_pid
    standby=$place standby_port=$place_port standby_pid=$pid
}

obey() {
    case $1 in
        start) start_primary ;;
        crash)
            as_postgres pg_ctl -D "$primary/data" -m immediate -w stop
            wait "$primary_pid" || true
            primary_pid=
            ;;
        standby)
            [ -z "$standby_pid" ] || stop_process "$standby_pid" QUIT 10
            # shellcheck disable=SC2086
            $as_user mkdir -p "$standby"
            rm -rf "$standby/data"
            copy_to "$standby/data" --write-recovery-conf
            run_postgres "$standby" "$standby_port" "$log" "${options[@]}"
            standby_pid=$POSTGRES_PID
            sql "ALTER SYSTEM SET synchronous_standby_names = '*'"
            sql "SELECT pg_reload_conf()"
            wait_until 60 "$standby_pid" stands_by
            ;;
        promote)
            as_postgres pg_ctl -D "$standby/data" -w promote
            change_places
            ;;
        backup) copy_to "$folder/backup" ;;
        restore)
            rm -rf "$primary/data"
            cp -a "$folder/backup" "$primary/data"
            ;;
        fill) head -c 1T /dev/zero >"$folder/ballast" 2>/dev/null || true ;;
        free)
            rm "$folder/ballast"
            if ! kill -0 "$primary_pid" 2>/dev/null; then start_primary; fi
            ;;
        *)
            echo "attended-postgres.sh does not know '$1'" >&2
            return 1
            ;;
    esac
}

mkdir -p "$folder"
[ -z "${MEBIBYTES:-}" ] || mount -t tmpfs -o "size=${MEBIBYTES}m" waybill "$folder"
make_postgres_data "$folder" "$initdb_log"
port=$(free_port) standby_port=$(free_port)
start_primary
echo "ready $port $standby_port"
while read -r line; do
    obey "$line"
    echo "done $line"
done
