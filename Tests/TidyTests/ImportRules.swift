/// Which target may see which: `waybill -> Cluster -> Ports -> Core`; an adapter sees ports and its own C module.
enum ImportRules {
    /// What each target may import of the project's own. Whoever adds a target decides here what it may see.
    static let allowed: [String: Set<String>] = [
        "WaybillCore": [],
        "WaybillPorts": ["WaybillCore"],
        "WaybillCluster": ["WaybillCore", "WaybillPorts"],
        "WaybillReactor": ["CReactor"],
        "WaybillPostgres": ["CPostgres", "WaybillCore", "WaybillPorts", "WaybillReactor"],
        "WaybillHTTP": ["CCurl", "WaybillCore", "WaybillPorts", "WaybillReactor"],
        "WaybillAWS": ["WaybillCore", "WaybillPorts"],
        "WaybillTemplates": ["WaybillCore", "WaybillPorts"],
        "WaybillSimulation": ["WaybillCluster", "WaybillCore", "WaybillPorts"],
        "waybill": [
            "WaybillAWS", "WaybillCluster", "WaybillCore", "WaybillHTTP", "WaybillPorts", "WaybillPostgres",
            "WaybillReactor", "WaybillSimulation", "WaybillTemplates",
        ],
    ]

    static func direction(_ file: SourceFile) -> [Violation] {
        guard let allowed = allowed[file.target] else {
            return [Violation(path: file.path, line: 1, reason: "ImportRules does not know the target \(file.target)")]
        }
        return imports(of: file).compactMap { module, line in
            let isOurs = module.hasPrefix("Waybill") || isCModule(module)
            guard isOurs, !allowed.contains(module) else { return nil }
            return Violation(path: file.path, line: line, reason: "\(file.target) must not import \(module)")
        }
    }

    /// A handle of C has one owner: its module is imported by one target only.
    static func oneImporterOfEachCModule(_ files: [SourceFile]) -> [Violation] {
        var importers: [String: [String: Violation]] = [:]
        for file in files {
            for (module, line) in imports(of: file) where isCModule(module) {
                let reason = "\(module) is imported by \(file.target) and by another target"
                importers[module, default: [:]][file.target] = Violation(path: file.path, line: line, reason: reason)
            }
        }
        return importers.values.filter { $0.count > 1 }.flatMap { $0.sorted { $0.key < $1.key }.map(\.value) }
    }

    /// What is simulated has only libraries whose ways to time, chance and threads `Forbidden.swift` shadows: the C
    /// library's `time`, `rand` or `pthread_create` it could not.
    static func systemLibraries(_ file: SourceFile) -> [Violation] {
        let libraries: Set = ["Foundation", "FoundationEssentials", "Dispatch", "Glibc", "Musl", "Darwin"]
        return imports(of: file).filter { libraries.contains($0.module) }.map { module, line in
            Violation(path: file.path, line: line, reason: "\(file.target) is simulated and must not import \(module)")
        }
    }

    /// The core is pure: it imports nothing and knows no concurrency.
    static func purity(_ file: SourceFile) -> [Violation] {
        let imported = imports(of: file).map { module, line in
            Violation(path: file.path, line: line, reason: "WaybillCore imports nothing, and not \(module)")
        }
        guard !ConstructRules.shadows.contains(file.path) else { return imported }
        let concurrency = file.code.enumerated().compactMap { index, line -> Violation? in
            guard ["async", "await", "actor"].contains(where: line.contains),
                let match = line.firstMatch(of: /\b(?:async|await|actor)\b/)
            else { return nil }
            return Violation(path: file.path, line: index + 1, reason: "WaybillCore is synchronous; no \(match.0)")
        }
        return imported + concurrency
    }

    /// Actors reach each other through streams: a file of WaybillCluster names no actor but the one it declares or extends.
    static func actorsDoNotNameEachOther(_ files: [SourceFile]) -> [Violation] {
        let actors = Set(files.flatMap { file in file.code.compactMap(declaredActor) })
        return files.flatMap { file in
            let own = Set(file.code.compactMap(declaredActor) + file.code.compactMap(extendedType))
            return file.code.enumerated().flatMap { index, line in
                line.split { !$0.isLetter && !$0.isNumber && $0 != "_" }.map(String.init)
                    .filter { actors.contains($0) && !own.contains($0) }
                    .map { Violation(path: file.path, line: index + 1, reason: "names the actor \($0)") }
            }
        }
    }

    /// Module and line of each import.
    private static func imports(of file: SourceFile) -> [(module: String, line: Int)] {
        let pattern =
            /^\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:(?:package|public|internal|private|fileprivate)\s+)?import\s+(?:(?:struct|class|enum|func|protocol|typealias|var|let)\s+)?(\w+)/
        return file.code.enumerated().compactMap { index, line in
            guard line.contains("import") else { return nil }
            return line.firstMatch(of: pattern).map { (String($0.1), index + 1) }
        }
    }

    /// `CPostgres`, `CCurl`, `CReactor`: a C and another capital.
    private static func isCModule(_ module: String) -> Bool {
        module.wholeMatch(of: /C[A-Z]\w*/) != nil
    }

    private static func declaredActor(_ line: String) -> String? {
        guard line.contains("actor") else { return nil }
        return line.firstMatch(of: /\bactor\s+([A-Z]\w*)/).map { String($0.1) }
    }

    private static func extendedType(_ line: String) -> String? {
        guard line.contains("extension") else { return nil }
        return line.firstMatch(of: /\bextension\s+([A-Z]\w*)/).map { String($0.1) }
    }
}
