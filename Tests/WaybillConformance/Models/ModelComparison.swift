import Testing

/// One implementation of a port, and what the run so far has brought about in it: the jobs that it handed out, say. An
/// operation names such things by their place, because each implementation gives them identities of its own.
package protocol ModelSubject {
    associatedtype Operation: Sendable

    /// A draw of the next operation.
    static func draw(_ chance: inout ModelChance) -> Operation

    /// Looks at everything there is, after the last operation.
    static var look: [Operation] { get }

    /// The answer, with identities that are the implementation's own replaced by the order of their first appearance.
    mutating func perform(_ operation: Operation) async throws -> ModelAnswer
}

/// The same operations, performed by an implementation in memory and by the real one.
package struct ModelComparison<Subject: ModelSubject> {
    /// How many attempts a failing sequence is shortened with.
    private static var mostShorterRuns: Int { 300 }

    /// Two of them, in their first state.
    private let begin: () async throws -> (memory: Subject, real: Subject)

    package init(_ begin: @escaping () async throws -> (memory: Subject, real: Subject)) {
        self.begin = begin
    }

    /// Performs so many operations for each seed. The first disagreement fails the test and ends the run.
    package func run(
        seeds: ClosedRange<UInt64>,
        operations count: Int,
        generator: (UInt64) -> some RandomNumberGenerator
    ) async throws {
        var variety = ModelVariety()
        for seed in seeds {
            var chance = ModelChance(generator(seed))
            let operations = (0..<count).map { _ in Subject.draw(&chance) } + Subject.look
            guard let found = try await disagreement(operations, &variety) else { continue }
            let shortest = try await shortened(Array(operations[...found.index]))
            let again = try await disagreement(shortest, &variety) ?? found
            Issue.record("\(report(seed, shortest, again))")
            return
        }
        #expect(variety.monotonous.isEmpty, "these were always answered alike, so that nothing was compared")
        guard ModelSeeds.areMany else { return }
        print("\(Subject.self): the seeds \(seeds) agreed, \(seeds.count * (count + Subject.look.count)) operations")
    }

    private struct Disagreement {
        let index: Int
        let memory: ModelAnswer
        let real: ModelAnswer
    }

    private func disagreement(
        _ operations: [Subject.Operation],
        _ variety: inout ModelVariety
    ) async throws -> Disagreement? {
        var (memory, real) = try await begin()
        for (index, operation) in operations.enumerated() {
            let answer = try await Self.answer(&memory, operation)
            let realAnswer = try await Self.answer(&real, operation)
            variety.add(answer, to: operation)
            if answer != realAnswer { return Disagreement(index: index, memory: answer, real: realAnswer) }
        }
        return nil
    }

    private static func answer(
        _ subject: inout Subject,
        _ operation: Subject.Operation
    ) async throws -> ModelAnswer {
        do {
            return try await subject.perform(operation)
        } catch {
            return .failed(error)
        }
    }

    /// Leaves out what the disagreement does not need: halves first, then smaller parts, then single operations.
    private func shortened(_ operations: [Subject.Operation]) async throws -> [Subject.Operation] {
        var shortest = operations
        var ignored = ModelVariety()
        var runs = 0
        var size = operations.count / 2
        while size >= 1 {
            var start = 0
            while start < shortest.count, runs < Self.mostShorterRuns {
                var candidate = shortest
                candidate.removeSubrange(start..<min(start + size, shortest.count))
                runs += 1
                if let found = try await disagreement(candidate, &ignored) {
                    shortest = Array(candidate[...found.index])
                } else {
                    start += size
                }
            }
            size /= 2
        }
        return shortest
    }

    private func report(_ seed: UInt64, _ operations: [Subject.Operation], _ found: Disagreement) -> String {
        let lines = operations.enumerated().map { "\($0.offset + 1). \(plain($0.element))" }
        return """
            seed \(seed): after what stands before it, the last of these operations is answered differently
            \(lines.joined(separator: "\n"))
            in memory: \(found.memory)
            real:      \(found.real)
            """
    }
}
