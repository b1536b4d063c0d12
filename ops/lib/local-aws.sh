# The local AWS, for development only: in memory, on 127.0.0.1, gone afterwards. Sourced after processes.sh and python.sh.

LOCAL_AWS_PID=

# start_local_aws CHECKOUT FOLDER: starts it, with its log in FOLDER/local-aws.log. Sets LOCAL_AWS_PID and LOCAL_AWS_URL.
# It dies with this shell. What the emulator offers besides HTTP on one loopback port is switched off.
start_local_aws() {
    local checkout=$1 folder=$2 port attempt
    ensure_python "$checkout"
    mkdir -p "$folder/local-aws"
    for attempt in 1 2 3; do
        port=$(free_port)
        (cd "$folder/local-aws" && exec setpriv --pdeathsig TERM env \
            GATEWAY_PORT="$port" MINISTACK_HOST=127.0.0.1 BIND_HOST=127.0.0.1 SFTP_ENABLED=0 IOT_MTLS_ENABLED=0 \
            PERSIST_STATE=0 STATE_DIR="$folder/local-aws" S3_DATA_DIR="$folder/local-aws" LOG_LEVEL=WARNING \
            DOCKER_HOST="unix://$folder/no-docker" \
            "$PYTHON" -m uvicorn ministack.app:app --host 127.0.0.1 --port "$port" --loop uvloop --http httptools \
            --no-access-log --log-level warning) >"$folder/local-aws.log" 2>&1 &
        LOCAL_AWS_PID=$!
        if wait_until 30 "$LOCAL_AWS_PID" curl -fsS "http://127.0.0.1:$port/_ministack/health"; then
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
