/// Constructs that may not stand in Sources, each with the reason that the reader of a failure gets.
enum ConstructRules {
    struct Forbidden {
        /// One of these is in every match: asked first, because a word is found much faster than a pattern.
        let words: [String]
        let pattern: Regex<Substring>
        let reason: String
        /// Whether the executable may use it: it alone meets real time, chance and unstructured tasks.
        var allowedInExecutable = false
        /// The other files that may.
        var allowedIn: [String] = []
    }

    static let executable = "waybill"

    /// The unstructured tasks outside the executable: the roots of everything that is simulated.
    static let simulationRoots = [
        "Sources/WaybillSimulation/SimulatedLoop.swift", "Sources/WaybillSimulation/Kernel/SimulatedNode.swift",
    ]

    /// Where the compiler is told to refuse what these rules look for in the other targets.
    static let shadows = ["WaybillCore", "WaybillPorts", "WaybillCluster"].map { "Sources/\($0)/Forbidden.swift" }

    /// Computed, because a Regex is not Sendable.
    static var inCode: [Forbidden] {
        [
            Forbidden(words: ["try?"], pattern: /\btry\?/, reason: "try? swallows an error"),
            Forbidden(
                words: ["try!"],
                pattern: /\btry!/,
                reason: "try! ends the process instead of telling what to do"
            ),
            Forbidden(
                words: ["await"],
                pattern: /\breturn \([^()]*,.*\btry await\b/,
                reason: "Swift 6.3.1's optimizer loses what stands before the await in a tuple: bind the answer first"
            ),
            Forbidden(
                words: ["Task"],
                pattern: /\bTask(?:\s*<[^>]*>)?(?:\.init|\.immediate)?\s*(?:\([^)]*\))?\s*\{/,
                reason: "an unstructured task loses cancellation and leaves the simulation",
                allowedInExecutable: true,
                allowedIn: simulationRoots + shadows
            ),
            Forbidden(
                words: ["Task."],
                pattern: /\bTask\.(?:detached|immediateDetached)\b/,
                reason: "a detached task loses cancellation and leaves the simulation",
                allowedInExecutable: true
            ),
            Forbidden(
                words: ["Task."],
                pattern: /\bTask\.sleep\b/,
                reason: "time is injected: sleep through the Environment",
                allowedInExecutable: true
            ),
            Forbidden(
                words: ["Date", "Clock"],
                pattern:
                    /\b(?:Date|Date\.init)\(\)|\bDate\.now\b|\bContinuousClock(?:\(\))?\.now\b|\bSuspendingClock(?:\(\))?\.now\b/,
                reason: "time is injected: ask the Environment",
                allowedInExecutable: true
            ),
            Forbidden(
                words: ["UUID", "SystemRandom"],
                pattern: /\bUUID\(\)|\bSystemRandomNumberGenerator\b/,
                reason: "chance is injected: ask the Environment",
                allowedInExecutable: true,
                allowedIn: shadows
            ),
            Forbidden(
                words: ["random", "shuffle"],
                pattern: /\.(?:random|randomElement|shuffle|shuffled)\((?!.*\busing:)/,
                reason: "chance is injected: name the generator"
            ),
            Forbidden(
                words: ["fatalError"],
                pattern: /\bfatalError\b/,
                reason: "preconditionFailure says why something is impossible"
            ),
            Forbidden(
                words: ["bufferingPolicy"],
                pattern: /bufferingPolicy:\s*\.unbounded\b/,
                reason: "every buffer has a limit"
            ),
        ]
    }

    static var inText: [Forbidden] {
        [Forbidden(words: ["TODO", "FIXME", "XXX"], pattern: /\b(?:TODO|FIXME|XXX)\b/, reason: "left for later")]
    }

    static func forbidden(_ file: SourceFile) -> [Violation] {
        violations(inCode, in: file, lines: file.code) + violations(inText, in: file, lines: file.lines)
    }

    /// `@unchecked Sendable` needs its reason in a comment on the line before, or at the line's end.
    static func uncheckedSendable(_ file: SourceFile) -> [Violation] {
        file.code.enumerated().compactMap { index, line in
            guard line.contains("@unchecked Sendable") else { return nil }
            let before = index > 0 ? file.lines[index - 1].drop { $0 == " " } : ""
            if before.hasPrefix("//") || file.lines[index].contains("//") { return nil }
            return Violation(path: file.path, line: index + 1, reason: "@unchecked Sendable needs its reason before it")
        }
    }

    /// Tests wait for a condition, never for a time. `Eventually.swift` holds the helper that polls.
    static func sleepInTests(_ file: SourceFile) -> [Violation] {
        guard file.name != "Eventually.swift" else { return [] }
        let sleep = Forbidden(
            words: ["sleep"],
            pattern: /\bTask\.sleep\b|\bThread\.sleep\b|(?:^|[^.\w])u?sleep\(|\bnanosleep\(/,
            reason: "tests never sleep: poll a condition"
        )
        // Whoever implements the port's `sleep` sleeps as long as he was asked to.
        return violations([sleep], in: file, lines: file.code).filter { violation in
            !file.code[max(0, violation.line - 3)..<violation.line].contains { $0.contains("func sleep(") }
        }
    }

    private static func violations(
        _ forbidden: [Forbidden],
        in file: SourceFile,
        lines: [String]
    ) -> [Violation] {
        let inForce = forbidden.filter { construct in
            !(construct.allowedInExecutable && file.target == executable) && !construct.allowedIn.contains(file.path)
        }
        return inForce.flatMap { construct in
            lines.enumerated().compactMap { index, line in
                guard construct.words.contains(where: line.contains) else { return nil }
                guard line.firstMatch(of: construct.pattern) != nil else { return nil }
                return Violation(path: file.path, line: index + 1, reason: construct.reason)
            }
        }
    }
}
