import Foundation
import Testing

/// The rules, applied to the checkout.
@Suite("The checkout is tidy")
struct TidyTests {
    /// Read once for all tests.
    private static let readSources = Result { try Checkout.files(below: "Sources") }
    private static let readTests = Result { try Checkout.files(below: "Tests") }

    private static func sources() throws -> [SourceFile] { try readSources.get() }

    private static func tests() throws -> [SourceFile] { try readTests.get() }

    /// This target's own rules and snippets name what they forbid.
    private static func otherTests() throws -> [SourceFile] { try tests().filter { $0.target != "TidyTests" } }

    @Test func filesAndFunctionsAreShort() throws {
        let swift = try Self.sources() + Self.tests()
        let others = try Checkout.files(below: "ops", extensions: ["py", "sh"])
        #expect(swift.count > 50, "the files were not found")
        #expect((swift + others).flatMap(SizeRules.fileLength) == [])
        #expect(swift.flatMap(SizeRules.functionLength) == [])
    }

    @Test func sourcesHoldNoForbiddenConstruct() throws {
        let sources = try Self.sources()
        #expect(sources.flatMap(ConstructRules.forbidden) == [])
        #expect(sources.flatMap(ConstructRules.uncheckedSendable) == [])
    }

    @Test func importsPointInward() throws {
        let sources = try Self.sources()
        #expect(sources.flatMap(ImportRules.direction) == [])
        #expect(ImportRules.oneImporterOfEachCModule(sources) == [])
    }

    @Test func theCoreIsPure() throws {
        let core = try Self.sources().filter { $0.target == "WaybillCore" }
        #expect(!core.isEmpty)
        #expect(core.flatMap(ImportRules.purity) == [])
    }

    @Test func whatIsSimulatedImportsNoSystemLibrary() throws {
        let simulated = try Self.sources().filter { ForbiddenNameTests.modules.contains($0.target) }
        #expect(simulated.count > 50, "the files were not found")
        #expect(simulated.flatMap(ImportRules.systemLibraries) == [])
    }

    /// A worker has no deliberate mistake: what it is made of never names one.
    @Test func onlyTheSimulationMakesMistakes() throws {
        let simulated = ForbiddenNameTests.modules + ["WaybillSimulation"]
        let others = try Self.sources().filter { file in
            !simulated.contains(file.target) && !file.path.hasPrefix("Sources/waybill/Commands/Simulat")
        }
        #expect(others.count > 50, "the files were not found")
        let naming = others.filter { file in file.code.contains { $0.contains("utation") } }
        #expect(naming.map(\.path) == [])
    }

    @Test func actorsReachEachOtherThroughStreamsOnly() throws {
        let cluster = try Self.sources().filter { $0.target == "WaybillCluster" }
        #expect(!cluster.isEmpty)
        #expect(ImportRules.actorsDoNotNameEachOther(cluster) == [])
    }

    @Test func testsNeverSleep() throws {
        #expect(try Self.otherTests().flatMap(ConstructRules.sleepInTests) == [])
    }

    @Test func scriptsRunAndNeverWaitForATime() throws {
        let ops = Checkout.root.appending(path: "ops")
        let scripts = try ScriptRules.scripts(of: ops) + [Checkout.root.appending(path: ".ci/run")]
        #expect(scripts.count >= 4, "the scripts were not found")
        let libraries = try ScriptRules.scripts(of: ops.appending(path: "lib"))
        for script in scripts {
            #expect(ScriptRules.isExecutable(script), "\(script.lastPathComponent) is not executable")
        }
        for script in scripts + libraries {
            #expect(try ScriptRules.syntaxErrors(of: script) == "")
        }
        let texts = try (scripts + libraries).map { script in
            let path = script.path.replacing(Checkout.root.path + "/", with: "")
            return try SourceFile(path: path, text: String(contentsOf: script, encoding: .utf8))
        }
        let python = try Checkout.files(below: "ops", extensions: ["py"]).filter { $0.path.contains("/tests/") }
        #expect((texts + python).flatMap(ScriptRules.fixedSleep) == [])
    }
}
