import Foundation
import Testing

/// `Forbidden.swift` makes names errors in the modules that are simulated. The compiler is asked whether it does.
@Suite("Forbidden names")
struct ForbiddenNameTests {
    static let modules = ["WaybillCore", "WaybillPorts", "WaybillCluster"]

    /// A function each, and right Swift without the shadows.
    private static let forbidden = [
        "func a() { Task { } }",
        "func a() { Task(priority: .high) { } }",
        "func a() { let _: Task<Void, Never> = Task { } }",
        "func a() { Task.detached { } }",
        "func a() { Task.immediate { } }",
        "func a() async throws { try await Task.sleep(for: .seconds(1)) }",
        "func a() async throws { try await Task.sleep(nanoseconds: 1) }",
        "func a() async throws { try await Task.sleep(until: .now, clock: .continuous) }",
        "func a() { _ = ContinuousClock() }",
        "func a() { _ = ContinuousClock.now }",
        "func a(_ moment: ContinuousClock.Instant) { }",
        "func a() -> some Clock { .continuous }",
        "func a() { _ = SuspendingClock.now }",
        "func a() -> some Clock { .suspending }",
        "func a() { _ = Date() }",
        "func a() { _ = Date.now }",
        "func a(_ day: Date) { }",
        "func a() { _ = Timer(timeInterval: 1, repeats: false) { _ in } }",
        "func a() { _ = SystemRandomNumberGenerator() }",
        "func a() { _ = UUID() }",
        "func a() { DispatchQueue.main.async { } }",
        "func a() { _ = OperationQueue() }",
        "func a() { Thread { }.start() }",
        "func a() { _ = Int.random(in: 0..<3) }",
        "func a() -> UInt8 { .random(in: 0...3) }",
        "func a() { _ = Double.random(in: 0..<1) }",
        "func a() -> Float { .random(in: 0...1) }",
        "func a() { _ = Bool.random() }",
        "func a() { _ = [1].shuffled() }",
        "func a() { _ = Set([1]).shuffled() }",
        "func a(_ list: inout [Int]) { list.shuffle() }",
        "func a() { _ = [1].randomElement() }",
        "func a() { _ = (1...3).randomElement() }",
        #"func a() { _ = "abc".randomElement() }"#,
    ]

    private static let needed = [
        "func a() -> Bool { Task.isCancelled }",
        "func a() throws(CancellationError) { try Task.checkCancellation() }",
        "func a() async { await withDiscardingTaskGroup { group in group.addTask { } } }",
        "func a() async { async let b: Void = (); await b }",
        "func a(_ source: inout some RandomNumberGenerator) { _ = Int.random(in: 0..<3, using: &source) }",
        "func a(_ source: inout some RandomNumberGenerator) { _ = Double.random(in: 0...3, using: &source) }",
        "func a(_ source: inout some RandomNumberGenerator) { _ = Bool.random(using: &source) }",
        "func a(_ source: inout some RandomNumberGenerator) { _ = [1].shuffled(using: &source) }",
        "func a(_ source: inout some RandomNumberGenerator) { _ = [1].randomElement(using: &source) }",
        "func a(_ clock: some Clock<Duration>) { _ = clock.now }",
    ]

    @Test(.timeLimit(.minutes(1)), arguments: modules)
    func aForbiddenNameDoesNotCompile(module: String) throws {
        #expect(try Self.refused(Self.forbidden, by: module) == Self.forbidden)
    }

    @Test func itIsTheShadowThatIsRefused() throws {
        #expect(try Self.refused(Self.forbidden, by: nil) == [])
    }

    @Test func whatAModuleNeedsStillCompiles() throws {
        #expect(try Self.refused(Self.needed, by: "WaybillCluster") == [])
    }

    @Test func allModulesForbidTheSame() throws {
        let texts = try Self.modules.map { try String(contentsOf: Self.shadows(of: $0), encoding: .utf8) }
        #expect(Set(texts).count == 1)
    }

    private static func shadows(of module: String) -> URL {
        Checkout.root.appending(path: "Sources/\(module)/Forbidden.swift")
    }

    /// Those of the functions that the compiler refuses beside a module's shadows. Each is in a scope of its own.
    private static func refused(_ functions: [String], by module: String?) throws -> [String] {
        let folder = FileManager.default.temporaryDirectory.appending(path: "waybill-tidy-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { #expect(throws: Never.self) { try FileManager.default.removeItem(at: folder) } }
        let file = folder.appending(path: "Snippets.swift")
        let scopes = functions.enumerated().map { "enum Snippet\($0) { static \($1) }" }
        try Data((scopes + ["import Foundation", ""]).joined(separator: "\n").utf8).write(to: file)
        let lines = try complaints([file] + (module.map { [shadows(of: $0)] } ?? []))
        return functions.enumerated().filter { lines.contains($0.offset + 1) }.map(\.element)
    }

    /// The lines of Snippets.swift with an error. An error elsewhere, or none where the compiler failed, throws.
    private static func complaints(_ files: [URL]) throws -> Set<Int> {
        let compiler = Process()
        let pipe = Pipe()
        compiler.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        // As Package.swift compiles the modules.
        let strictness = ["-swift-version", "6", "-warnings-as-errors", "-strict-memory-safety"]
        compiler.arguments = ["swiftc", "-typecheck"] + strictness + files.map(\.path)
        compiler.standardError = pipe
        try compiler.run()
        let said = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        compiler.waitUntilExit()
        let errors = said.split(separator: "\n").filter { $0.hasPrefix("/") && $0.contains(": error: ") }
        let lines = errors.compactMap { $0.firstMatch(of: /Snippets\.swift:([0-9]+):/).flatMap { Int($0.1) } }
        guard lines.count == errors.count, errors.isEmpty == (compiler.terminationStatus == 0) else {
            throw CompilerFailed(description: said)
        }
        return Set(lines)
    }

    private struct CompilerFailed: Error, CustomStringConvertible {
        let description: String
    }
}
