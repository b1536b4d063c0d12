package import WaybillPorts

/// A message queue and its dead letters under random operations. Time cannot be passed in SQS: what is received stays hidden
/// for longer than the run, until it is given back. The order of messages is the local AWS's, which is no promise of SQS.
package struct QueueModel: ModelSubject {
    package enum Operation: Sendable {
        case send(String)
        case receive(limit: Int)
        case delete([Int])
        /// Given back at once, or hidden for longer.
        case extend([Int], isGivenBack: Bool)
        case depth
        case deadLetters(limit: Int)
        case deadDepth
    }

    /// How often a message is received before it is a dead letter.
    package static let maxReceiveCount = 3
    /// What is received is hidden for so long.
    package static let visibility = Duration.seconds(3600)

    private let subject: MessageQueueSubject
    private let deadLetters: any MessageQueue
    /// Every receipt that was given out, also those that are out of date.
    private var receipts: [(message: String, receipt: MessageReceipt)] = []
    /// Messages that were given back and not received since. SQS refuses to hide them (MessageNotInflight), the local AWS does
    /// it, so nobody asks for it here.
    private var givenBack: Set<String> = []
    private var numbers: [String: Int] = [:]

    package init(_ subject: MessageQueueSubject, deadLetters: any MessageQueue) {
        self.subject = subject
        self.deadLetters = deadLetters
    }

    package static func draw(_ chance: inout ModelChance) -> Operation {
        switch chance.number(1...20) {
        case 1...4: .send(chance.one(of: ["one", "two", "{\"\u{1F4E6}\":\"<&>\\n\"}"]))
        case 5...10: .receive(limit: chance.one(of: [1, 1, 2, 10, 0, 11]))
        case 11...12: .delete(chance.several(0...3) { $0.recent() })
        case 13...17: .extend(chance.several(0...3) { $0.recent() }, isGivenBack: !chance.happens(oneIn: 4))
        case 18: .depth
        case 19: .deadLetters(limit: chance.one(of: [1, 10]))
        default: .deadDepth
        }
    }

    package static var look: [Operation] {
        [.depth, .deadDepth, .receive(limit: 10), .receive(limit: 10), .deadLetters(limit: 10), .depth, .deadDepth]
    }

    package mutating func perform(_ operation: Operation) async throws -> ModelAnswer {
        let queue = subject.queue
        switch operation {
        case .send(let body):
            try await subject.send(body)
            return .done
        case .receive(let limit):
            let messages = try await queue.receive(limit: limit, wait: .zero)
            receipts += messages.map { ($0.id, $0.receipt) }
            givenBack.subtract(messages.map(\.id))
            return received(messages)
        case .delete(let places): return failed(try await queue.delete(named(places).map(\.receipt)))
        case .extend(let places, let isGivenBack):
            let hidden = named(places).filter { !givenBack.contains($0.message) }
            if isGivenBack { givenBack.formUnion(hidden.map(\.message)) }
            return failed(try await queue.extend(hidden.map(\.receipt), by: isGivenBack ? .zero : Self.visibility))
        case .depth: return ModelAnswer(try await queue.depth())
        case .deadLetters(let limit): return received(try await deadLetters.receive(limit: limit, wait: .zero))
        case .deadDepth: return ModelAnswer(try await deadLetters.depth())
        }
    }

    /// Not two of one message, which a batch might perform in either order.
    private func named(_ places: [Int]) -> [(message: String, receipt: MessageReceipt)] {
        var seen: Set<String> = []
        return places.compactMap { receipts.recent($0) }.filter { seen.insert($0.message).inserted }
    }

    private func failed(_ failures: [MessageReceipt]) -> ModelAnswer {
        failures.isEmpty
            ? .done : ModelAnswer(failures.map { failure in receipts.firstIndex { $0.receipt == failure } })
    }

    private mutating func received(_ messages: [QueueMessage]) -> ModelAnswer {
        ModelAnswer(
            messages.map { message in
                let number = numbers[message.id] ?? numbers.count + 1
                numbers[message.id] = number
                var message = message
                message.id = "\(number)"
                message.receipt = MessageReceipt("")
                message.sentAt = nil
                return message
            }
        )
    }
}
