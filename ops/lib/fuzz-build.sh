# Builds the fuzz targets without Swift's package manager, which would build everything that Waybill depends on once more
# with a sanitizer. Only the modules that read what others write are built, each by one call of the compiler.

# build_fuzz_targets FOLDER: FOLDER/fuzz, unless it is newer than every source.
build_fuzz_targets() {
    FUZZ_FOLDER=$1
    local mustache=.build/checkouts/swift-mustache/Sources/Mustache
    if [ -x "$FUZZ_FOLDER/fuzz" ] && [ -z "$(find Sources Tests/Fuzzing ops/lib/fuzz-build.sh Package.resolved \
        -newer "$FUZZ_FOLDER/fuzz" -type f \( -name '*.swift' -o -name '*.sh' -o -name '*.resolved' \) -print -quit)" ]; then
        return
    fi
    [ -d "$mustache" ] || swift package resolve >&2
    mkdir -p "$FUZZ_FOLDER"
    fuzz_module Mustache -swift-version 5 "$mustache"/*.swift
    fuzz_module Crypto "${FUZZ_STRICT[@]}" Tests/Fuzzing/Crypto/*.swift
    fuzz_module WaybillCore "${FUZZ_STRICT[@]}" Sources/WaybillCore/*.swift Sources/WaybillCore/*/*.swift
    fuzz_module WaybillPorts "${FUZZ_STRICT[@]}" Sources/WaybillPorts/*.swift
    fuzz_module WaybillTemplates "${FUZZ_STRICT[@]}" Sources/WaybillTemplates/*.swift
    # What reads answers; SharedConfigFile.swift has the extension that takes blanks off.
    fuzz_module WaybillAWS "${FUZZ_STRICT[@]}" -enable-testing Sources/WaybillAWS/AWSError.swift \
        Sources/WaybillAWS/Client/AWSAnswer.swift Sources/WaybillAWS/Configuration/SharedConfigFile.swift \
        Sources/WaybillAWS/Query/*.swift
    fuzz_module Fuzzing "${FUZZ_STRICT[@]}" Tests/Fuzzing/*.swift
    # gold warns of each of the sanitizer's own symbols, so its words are shown only when it fails.
    swiftc -sanitize=fuzzer,address "$FUZZ_FOLDER"/*.o -o "$FUZZ_FOLDER/fuzz" >"$FUZZ_FOLDER/link.log" 2>&1 || {
        cat "$FUZZ_FOLDER/link.log" >&2
        return 1
    }
}

# The features of Package.swift that change what a program means.
FUZZ_STRICT=(-swift-version 6 -strict-memory-safety -enable-upcoming-feature ExistentialAny
    -enable-upcoming-feature InternalImportsByDefault -enable-upcoming-feature MemberImportVisibility
    -enable-upcoming-feature NonisolatedNonsendingByDefault -enable-upcoming-feature InferIsolatedConformances
    -enable-upcoming-feature ImmutableWeakCaptures)

# fuzz_module NAME ARGUMENTS...: compiles one module with every edge counted.
fuzz_module() {
    local name=$1
    shift
    echo "building $name for fuzzing" >&2
    swiftc -O -whole-module-optimization -parse-as-library -sanitize=fuzzer,address -package-name waybill \
        -module-name "$name" -I "$FUZZ_FOLDER" -emit-module -emit-module-path "$FUZZ_FOLDER/$name.swiftmodule" \
        -c -o "$FUZZ_FOLDER/$name.o" "$@" >&2
}
