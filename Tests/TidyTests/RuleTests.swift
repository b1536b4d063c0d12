import Foundation
import Testing

/// Each rule catches what it is for, and leaves alone what only looks like it.
@Suite("The tidy rules")
struct RuleTests {
    private func file(_ text: String, path: String = "Sources/WaybillCluster/File.swift") -> SourceFile {
        SourceFile(path: path, text: text)
    }

    @Test func commentsAndStringsAreNotCode() {
        let text = """
            let a = "try? \\(b("}")) // no" // try?
            /* try? /* nested */ try? */ let c = #"a " \\(x) \\#(d) "#
            let e = \"""
                try? " \\(f)
                \"""
            g()
            """
        let code = SwiftText.code(of: text)
        #expect(code.split(separator: "\n").count == 6)
        #expect(!code.contains("try?"))
        #expect(!code.contains("no"))
        for kept in ["let a", "(b(", "let c", "(d)", "let e", "(f)", "g()"] { #expect(code.contains(kept)) }
        #expect(!code.contains("(x)"))
    }

    @Test func aLongFileIsCaught() {
        let line = "let a = 1\n"
        #expect(SizeRules.fileLength(file(String(repeating: line, count: 500))) == [])
        #expect(SizeRules.fileLength(file(String(repeating: line, count: 501))).count == 1)
    }

    @Test(arguments: [
        "func a(_ b: @escaping () -> Void = {}) {", "    init(a: Int) throws {", "deinit {",
        "func a<T>(b: T)\n    where T: B\n{",
    ])
    func aLongFunctionIsCaught(head: String) {
        let body = String(repeating: "    call { \"}\" }\n", count: 68)
        let extra = head.split(separator: "\n").count - 1
        let short = file("struct S {\n\(head)\n\(body.dropLast(extra * 18))}\n}\n")
        #expect(SizeRules.functionLength(short) == [])
        let long = file("struct S {\n\(head)\n\(body)    call {}\n}\n}\n")
        #expect(SizeRules.functionLength(long).map(\.line) == [2])
    }

    @Test func aRequirementWithoutABodyHasNoLength() {
        let requirements = "protocol P {\n    func a() async throws -> Int\n    var b: Int { get }\n    func c()\n}\n"
        let body = String(repeating: "let a = 1\n", count: 80)
        #expect(SizeRules.functionLength(file(requirements + "enum E {\n" + body + "}\n")) == [])
    }

    @Test(arguments: [
        "let a = try? b()", "let a = try! b()", "Task { await a() }", "Task(priority: .high) {", "Task<Void, Never> {",
        "Task.detached { }", "try await Task.sleep(for: .seconds(1))", "let a = Date()", "let a = Date.now", "UUID()",
        "ContinuousClock.now", "ContinuousClock().now", "var a = SystemRandomNumberGenerator()",
        "Int.random(in: 0..<3)",
        "a.shuffled()", "fatalError()", "// TODO: later", "/* FIXME */", "let a = 1  // XXX",
        "AsyncStream.makeStream(of: Int.self, bufferingPolicy: .unbounded)", "return (a, .success(try await b()))",
    ])
    func aForbiddenConstructIsCaught(line: String) {
        let found = ConstructRules.forbidden(file("func a() {\n    \(line)\n}\n"))
        #expect(found.map(\.line) == [2])
    }

    @Test(arguments: [
        "// try? swallows", "group.addTask { }", "let a: [Entry?] = []", "Int.random(in: 0..<3, using: &generator)",
        "let a = \"Date()\"", "Date(timeIntervalSince1970: 1)", "UUID(uuid: bytes)", "/// `\\uXXXX`",
        "Task.isCancelled",
        "withTaskGroup { }", "retry?.stop()", "bufferingPolicy: .bufferingNewest(1)", "Task.currentPriority",
        "return (try await b())", "return (message, await handle(message))",
    ])
    func whatOnlyLooksLikeItIsLeftAlone(line: String) {
        #expect(ConstructRules.forbidden(file(line)) == [])
    }

    @Test func theExecutableAloneMeetsTimeChanceAndTasks() {
        let path = "Sources/waybill/File.swift"
        for line in ["Task { }", "let a = Date()", "let a = UUID()", "Task.sleep(for: a)"] {
            #expect(ConstructRules.forbidden(file(line, path: path)) == [])
        }
        let root = file("let root = Task { }", path: ConstructRules.simulationRoots[0])
        #expect(ConstructRules.forbidden(root) == [])
        for line in ["try? a()", "fatalError()", "// TODO"] {
            #expect(ConstructRules.forbidden(file(line, path: path)).count == 1)
        }
    }

    @Test func anUncheckedSendableWithoutAReasonIsCaught() {
        #expect(ConstructRules.uncheckedSendable(file("\nfinal class A: @unchecked Sendable {}")).map(\.line) == [2])
        #expect(
            ConstructRules.uncheckedSendable(file("// Its lock guards it.\nfinal class A: @unchecked Sendable {}"))
                == []
        )
    }

    @Test func aSleepInATestIsCaught() {
        let path = "Tests/WaybillCoreTests/File.swift"
        for line in ["try await Task.sleep(for: a)", "sleep(1)", "usleep(100)", "Thread.sleep(forTimeInterval: 1)"] {
            #expect(ConstructRules.sleepInTests(file(line, path: path)).count == 1)
        }
        #expect(ConstructRules.sleepInTests(file("try await loop.sleep(for: a)", path: path)) == [])
        let port = "func sleep(for duration: Duration) async throws {\n    try await Task.sleep(for: duration)\n}"
        #expect(ConstructRules.sleepInTests(file(port, path: path)) == [])
        #expect(ConstructRules.sleepInTests(file(port + "\n\n\nTask.sleep(for: a)", path: path)).map(\.line) == [6])
        #expect(
            ConstructRules.sleepInTests(file("Task.sleep(for: a)", path: "Tests/EndToEndTests/Eventually.swift")) == []
        )
    }

    @Test func aCModuleWithTwoImportersIsCaught() {
        let first = file("package import CCurl", path: "Sources/WaybillHTTP/A.swift")
        let second = file("import struct CCurl.handle", path: "Sources/WaybillAWS/B.swift")
        #expect(ImportRules.oneImporterOfEachCModule([first, first]) == [])
        #expect(ImportRules.oneImporterOfEachCModule([first, second]).map(\.path) == [second.path, first.path])
    }

    @Test func anImpureCoreIsCaught() {
        let path = "Sources/WaybillCore/File.swift"
        for line in ["import Foundation", "import Glibc", "func a() async {}", "await a()", "actor A {}"] {
            #expect(ImportRules.purity(file(line, path: path)).count == 1)
        }
        #expect(ImportRules.purity(file("// no async, no actor\nlet factor = 1", path: path)) == [])
    }

    @Test func aSystemLibraryInWhatIsSimulatedIsCaught() {
        for line in ["import Foundation", "package import Dispatch", "import func Glibc.time"] {
            #expect(ImportRules.systemLibraries(file(line, path: "Sources/WaybillCluster/A.swift")).count == 1)
        }
        #expect(ImportRules.systemLibraries(file("import Synchronization\nimport Logging")) == [])
    }

    @Test(arguments: [
        ("Sources/WaybillHTTP/A.swift", "import WaybillCluster"), ("Sources/WaybillAWS/A.swift", "import WaybillHTTP"),
        ("Sources/WaybillAWS/A.swift", "package import WaybillReactor"),
        ("Sources/WaybillPorts/A.swift", "import WaybillAWS"),
        ("Sources/WaybillCluster/A.swift", "import WaybillPostgres"),
        ("Sources/WaybillCluster/A.swift", "import CPostgres"),
        ("Sources/WaybillCore/A.swift", "import WaybillPorts"), ("Sources/waybill/A.swift", "import CPostgres"),
        ("Sources/WaybillNew/A.swift", "let a = 1"),
    ])
    func anImportOutwardIsCaught(path: String, line: String) {
        #expect(ImportRules.direction(file(line, path: path)).count == 1)
    }

    @Test func anImportInwardIsNot() {
        #expect(ImportRules.direction(file("import WaybillReactor", path: "Sources/WaybillHTTP/A.swift")) == [])
        #expect(
            ImportRules.direction(file("import Crypto\nimport Foundation", path: "Sources/WaybillAWS/A.swift")) == []
        )
    }

    @Test func anActorThatNamesAnotherIsCaught() {
        let folder = "Sources/WaybillCluster/"
        let first = file("package actor SenderActor { let a: LeaseActor }", path: folder + "SenderActor.swift")
        let second = file("actor LeaseActor {} // not SenderActor", path: folder + "LeaseActor.swift")
        let more = file(
            "extension SenderActor { func a(_ b: SenderActor) {} }",
            path: folder + "SenderActor+More.swift"
        )
        let stranger = file("func make() { LeaseActor() }", path: folder + "Make.swift")
        let found = ImportRules.actorsDoNotNameEachOther([first, second, more, stranger])
        #expect(found.map(\.path) == [first.path, stranger.path])
    }

    @Test func aScriptWithAnErrorIsCaught() throws {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "tidy-\(ProcessInfo.processInfo.processIdentifier)"
        )
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { #expect(throws: Never.self) { try FileManager.default.removeItem(at: folder) } }
        let script = folder.appending(path: "script")
        try "if true; then\n".write(to: script, atomically: true, encoding: .utf8)
        #expect(try ScriptRules.scripts(of: folder).map(\.lastPathComponent) == ["script"])
        #expect(!ScriptRules.isExecutable(script))
        #expect(try ScriptRules.syntaxErrors(of: script).contains("script"))
        try "true\n".write(to: script, atomically: true, encoding: .utf8)
        #expect(try ScriptRules.syntaxErrors(of: script) == "")
    }

    @Test func aSleepInAScriptIsCaught() {
        for line in ["sleep 1", "    sleep 0.5", "start; sleep 3", "while true; do sleep 1; done"] {
            #expect(ScriptRules.fixedSleep(file(line, path: "ops/quickstart")).count == 1)
        }
        #expect(ScriptRules.fixedSleep(file("# sleep 1 would be wrong", path: "ops/quickstart")) == [])
        #expect(ScriptRules.fixedSleep(file("time.sleep(1)", path: "ops/local-aws/tests/test_a.py")).count == 1)
        #expect(ScriptRules.fixedSleep(file("    sleep 0.05", path: "ops/lib/processes.sh")) == [])
    }
}
