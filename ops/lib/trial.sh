# What the scripts of trials share: arguments, and how a trial is started. Sourced first; the script has a function usage.

PROGRAM=

wrong() {
    echo "ops/$(basename "$0"): $1" >&2
    usage >&2
    exit 2
}

# number NAME VALUE LEAST MOST: VALUE, if it is a whole number of that range.
number() {
    [[ $2 =~ ^(0|[1-9][0-9]{0,8})$ ]] && [ "$2" -ge "$3" ] && [ "$2" -le "$4" ] ||
        wrong "$1 expects a whole number from $3 to $4, found '$2'"
    echo "$2"
}

# program FILE: its whole path, if it can be run.
program() {
    [ -x "$1" ] || wrong "--program expects the program waybill, found '$1'"
    realpath "$1"
}

# trial NAME ARGUMENTS...: installs and builds what is needed, and becomes the trial.
trial() {
    local name=$1 checkout
    shift
    checkout=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
    cd "$checkout"
    ops/install-dependencies
    # shellcheck source=python.sh
    . ops/lib/python.sh
    ensure_python "$checkout"
    if [ -z "$PROGRAM" ]; then
        echo "building (a few minutes, the first time)" >&2
        swift build -c release --product waybill --explicit-target-dependency-import-check error >&2
        PROGRAM=$(swift build -c release --show-bin-path)/waybill
    fi
    WAYBILL_TEST_CLOCK=$(ops/clock/build)
    export WAYBILL_TEST_CLOCK
    export PYTHONPATH=$checkout/ops/lib PYTHONDONTWRITEBYTECODE=1
    exec "$PYTHON" -m "trials.$name" --program "$PROGRAM" "$@"
}
