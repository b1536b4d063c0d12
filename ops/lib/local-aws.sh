# The local AWS, for development only: in memory, on 127.0.0.1, gone afterwards. Sourced after processes.sh and python.sh.

LOCAL_AWS_PID=

# run_local_aws CHECKOUT FOLDER PORT: starts it on a port, with its log in FOLDER/local-aws.log, and waits until it answers.
# Sets LOCAL_AWS_PID. With LOCAL_AWS_STATE in the environment it keeps its state in that folder from its end to its next start.
# It dies with this shell, and Ctrl-C does not reach it (setsid).
run_local_aws() {
    local checkout=$1 folder=$2 port=$3 state=()
    [ -z "${LOCAL_AWS_STATE:-}" ] || state=(--state "$LOCAL_AWS_STATE")
    mkdir -p "$folder/local-aws"
    (cd "$folder/local-aws" && PYTHONPATH=$checkout/ops/local-aws PYTHONDONTWRITEBYTECODE=1 \
        exec setsid setpriv --pdeathsig TERM "$PYTHON" -m local_aws --port "$port" "${state[@]}") >>"$folder/local-aws.log" 2>&1 &
    LOCAL_AWS_PID=$!
    wait_until 30 "$LOCAL_AWS_PID" curl -fsS "http://127.0.0.1:$port/_local/health"
}

# start_local_aws CHECKOUT FOLDER: starts it on a free port. Sets LOCAL_AWS_PID and LOCAL_AWS_URL.
start_local_aws() {
    local checkout=$1 folder=$2 port attempt
    ensure_python "$checkout"
    for attempt in 1 2 3; do
        port=$(free_port)
        if run_local_aws "$checkout" "$folder" "$port"; then
            # shellcheck disable=SC2034 # for the script that sourced this
            LOCAL_AWS_URL=http://127.0.0.1:$port
            return 0
        fi
        stop_local_aws
        echo "the local AWS did not start (attempt $attempt)" >&2
    done
    cat "$folder/local-aws.log" >&2
    return 1
}

# stop_local_aws: stops what start_local_aws started, if anything.
stop_local_aws() {
    [ -n "$LOCAL_AWS_PID" ] || return 0
    stop_process "$LOCAL_AWS_PID" TERM 10
    LOCAL_AWS_PID=
}
