# The Python environment of the development tools. Sourced.

# ensure_python CHECKOUT: makes CHECKOUT/.venv with exactly the packages of ops/local-aws/requirements.txt, unless it is there
# already; sets PYTHON to its interpreter. Two scripts at a time wait for each other.
ensure_python() {
    local folder=$1/.venv requirements=$1/ops/local-aws/requirements.txt stamp
    stamp=$folder/made-from-$(sha256sum "$requirements" | cut -c 1-16)
    PYTHON=$folder/bin/python
    [ ! -e "$stamp" ] || return 0
    (
        flock 9
        [ ! -e "$stamp" ] || exit 0
        echo "making the Python environment of the local AWS in $folder" >&2
        python3 -m venv --clear "$folder.new"
        "$folder.new/bin/python" -m pip install --quiet --disable-pip-version-check --requirement "$requirements" >&2
        rm -rf "$folder"
        mv "$folder.new" "$folder"
        touch "$stamp"
    ) 9>"$1/.venv.lock"
}
