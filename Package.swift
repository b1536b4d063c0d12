// swift-tools-version: 6.3

import PackageDescription

let package = Package(
    name: "waybill",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "waybill", targets: ["waybill"])
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
        .package(url: "https://github.com/swhitty/FlyingFox", from: "0.27.1"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // C libraries. Each is imported by one target only; a header beside it holds what Swift cannot import.
        .systemLibrary(name: "CPostgres", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(name: "CReactor"),

        // The rules: pure, synchronous, without Foundation.
        .target(name: "WaybillCore"),

        // What the rules need of the world, as protocols.
        .target(name: "WaybillPorts", dependencies: ["WaybillCore"]),

        // The actors.
        .target(
            name: "WaybillCluster",
            dependencies: [
                "WaybillCore",
                "WaybillPorts",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
            ]
        ),

        // The adapters.
        .target(name: "WaybillReactor", dependencies: ["CReactor"]),
        .target(
            name: "WaybillPostgres",
            dependencies: ["CPostgres", "WaybillCore", "WaybillPorts", "WaybillReactor"]
        ),
        .target(name: "WaybillHTTP", dependencies: ["CCurl", "WaybillPorts", "WaybillReactor"]),
        .target(
            name: "WaybillAWS",
            dependencies: [
                "WaybillCore",
                "WaybillPorts",
                .product(name: "Crypto", package: "swift-crypto"),
            ]
        ),
        .target(
            name: "WaybillTemplates",
            dependencies: [
                "WaybillCore",
                "WaybillPorts",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Mustache", package: "swift-mustache"),
            ]
        ),
        .target(
            name: "WaybillSimulation",
            dependencies: [
                "WaybillCluster",
                "WaybillCore",
                "WaybillPorts",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
            ]
        ),

        // The only place that puts them together.
        .executableTarget(
            name: "waybill",
            dependencies: [
                "WaybillAWS",
                "WaybillCluster",
                "WaybillCore",
                "WaybillHTTP",
                "WaybillPorts",
                "WaybillPostgres",
                "WaybillReactor",
                "WaybillSimulation",
                "WaybillTemplates",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "FlyingFox", package: "FlyingFox"),
                .product(name: "FlyingSocks", package: "FlyingFox"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "SystemPackage", package: "swift-system"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ]
        ),

        // One conformance suite a port, run against the in-memory implementation and the real one.
        .target(
            name: "WaybillConformance",
            dependencies: ["WaybillCore", "WaybillPorts"],
            path: "Tests/WaybillConformance"
        ),
        // An HTTP server that does what a test tells it.
        .target(name: "WaybillTestServer", path: "Tests/WaybillTestServer"),
        .testTarget(name: "WaybillCoreTests", dependencies: ["WaybillCore"]),
        .testTarget(
            name: "WaybillClusterTests",
            dependencies: [
                "WaybillCluster", "WaybillCore", "WaybillPorts", "WaybillSimulation",
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        .testTarget(
            name: "WaybillPostgresTests",
            dependencies: [
                "WaybillConformance", "WaybillCore", "WaybillPorts", "WaybillPostgres", "WaybillReactor",
                "WaybillSimulation",
            ]
        ),
        .testTarget(name: "WaybillReactorTests", dependencies: ["WaybillReactor"]),
        .testTarget(
            name: "WaybillHTTPTests",
            dependencies: ["WaybillHTTP", "WaybillPorts", "WaybillReactor", "WaybillTestServer"]
        ),
        .testTarget(
            name: "WaybillAWSTests",
            dependencies: [
                "WaybillAWS", "WaybillConformance", "WaybillCore", "WaybillHTTP", "WaybillPorts", "WaybillReactor",
                "WaybillSimulation", "WaybillTestServer",
            ]
        ),
        .testTarget(
            name: "WaybillTemplatesTests",
            dependencies: ["WaybillCore", "WaybillPorts", "WaybillTemplates"]
        ),
        .testTarget(
            name: "WaybillSimulationTests",
            dependencies: ["WaybillConformance", "WaybillCore", "WaybillPorts", "WaybillSimulation"]
        ),
        .testTarget(
            name: "WaybillCommandTests",
            dependencies: [
                "WaybillAWS", "WaybillCore", "WaybillPorts", "WaybillSimulation", "WaybillTemplates", "waybill",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        .testTarget(name: "TidyTests"),
        .testTarget(name: "EndToEndTests", dependencies: ["WaybillCore"]),
    ],
    swiftLanguageModes: [.v6]
)

// Every Swift target under the same strictness. A misspelt feature is ignored in silence, so
// Tests/TidyTests/CompilerFeatures.swift fails to compile when one of them is not in force.
for target in package.targets where target.type != .system {
    target.swiftSettings = [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
        .enableUpcomingFeature("InferIsolatedConformances"),
        .enableUpcomingFeature("ImmutableWeakCaptures"),
        .strictMemorySafety(),
        .treatAllWarnings(as: .error),
    ]
}
