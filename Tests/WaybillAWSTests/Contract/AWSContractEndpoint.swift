import Foundation
import Synchronization
import WaybillAWS
import WaybillCore
import WaybillHTTP
import WaybillPorts
import WaybillReactor

/// The AWS whose contracts are tried: the local one, or a real account. What a contract makes there it deletes.
final class AWSContractEndpoint: Sendable {
    /// How a received message hides: shortly, so that nobody waits long for it to come again.
    static let visibility = Duration.seconds(2)
    /// How long a receive waits for a message.
    static let wait = Duration.seconds(5)

    let services: AWSServices
    let environment = SystemEnvironment(skew: .zero)
    private let engine: HTTPEngine
    private let surroundings: AWSSurroundings
    private let deletions = Mutex<[(service: WaybillAWS.AWSService, request: AWSRequest)]>([])

    /// Tries one contract; its fact stands beside whatever is thrown.
    static func run(_ fact: AWSFact, _ body: (AWSContractEndpoint) async throws -> Void) async throws {
        let reactor = try Reactor()
        let engine = HTTPEngine(reactor: reactor)
        var failures: [String] = []
        do {
            let endpoint = try AWSContractEndpoint(engine)
            do {
                try await body(endpoint)
            } catch {
                failures.append("\(error)")
            }
            failures += await endpoint.deleteAll()
        } catch {
            failures.append("\(error)")
        }
        await engine.shutdown()
        await reactor.stop()
        if !failures.isEmpty { throw AWSContractBroken(fact: fact, failures: failures) }
    }

    private init(_ engine: HTTPEngine) throws {
        self.engine = engine
        surroundings = try Self.surroundings(ProcessInfo.processInfo.environment)
        services = try Self.services(surroundings, engine, environment)
    }

    /// With WAYBILL_CONTRACT=account the account that this machine's AWS settings lead to; otherwise the local AWS.
    private static func surroundings(_ variables: [String: String]) throws -> AWSSurroundings {
        if variables["WAYBILL_CONTRACT"] == "account" { return .system(variables: variables) }
        guard let url = variables["WAYBILL_TEST_AWS"] ?? variables["AWS_ENDPOINT_URL"] else {
            throw AWSContractUnset()
        }
        let local = [
            "AWS_ACCESS_KEY_ID": variables["AWS_ACCESS_KEY_ID"] ?? "test",
            "AWS_SECRET_ACCESS_KEY": variables["AWS_SECRET_ACCESS_KEY"] ?? "test",
            "AWS_REGION": variables["AWS_REGION"] ?? "us-east-1", "AWS_ENDPOINT_URL": url,
        ]
        return AWSFixture.surroundings(local)
    }

    private static func services(
        _ surroundings: AWSSurroundings,
        _ transport: any HTTPTransport,
        _ environment: SystemEnvironment
    ) throws -> AWSServices {
        AWSServices(
            configuration: try AWSConfiguration(surroundings),
            surroundings: surroundings,
            transport: transport,
            environment: environment,
            usage: UsageRecord()
        )
    }

    /// The same services over a transport that does something to the requests on their way to the engine.
    func services(through wrap: (HTTPEngine) -> any HTTPTransport) throws -> AWSServices {
        try Self.services(surroundings, wrap(engine), environment)
    }

    /// One call as it is, past the adapters.
    func call(_ service: WaybillAWS.AWSService, _ request: AWSRequest) async throws(AWSError) -> AWSAnswer {
        let context = AWSContext(
            configuration: services.configuration,
            surroundings: surroundings,
            transport: engine,
            environment: environment,
            usage: UsageRecord()
        )
        return try await AWSClient(service, context: context).call(request)
    }

    // MARK: - What is made and deleted

    /// The deliveries table, with a name of its own.
    func makeTable() async throws -> String {
        let name = Self.name()
        delete(.dynamodb, .json("DynamoDB_20120810", "DeleteTable", ["TableName": .string(name)]))
        _ = try await services.setup().deliveriesTable(named: name)
        return name
    }

    func makeQueue(
        deadLetters: QueueSettings.DeadLetters? = nil,
        topicARNs: [String] = []
    ) async throws -> QueueAddress {
        let settings = QueueSettings(
            visibility: Self.visibility,
            retention: .seconds(3600),
            deadLetters: deadLetters,
            topicARNs: topicARNs
        )
        let address = try await services.setup().queue(named: Self.name(), settings).address
        delete(.sqs, .json("AmazonSQS", "DeleteQueue", ["QueueUrl": .string(address.url)]))
        return address
    }

    /// Its subscriptions are deleted with it.
    func makeTopic() async throws -> String {
        let arn = try await services.setup().topic(named: Self.name())
        delete(.sns, .query("DeleteTopic", version: "2010-03-31", [(name: "TopicArn", value: arn)]))
        return arn
    }

    private static func name() -> String { LocalAWS.name("waybill-contract") }

    private func delete(_ service: WaybillAWS.AWSService, _ request: AWSRequest) {
        deletions.withLock { $0.append((service, request)) }
    }

    /// Deletes the latest first, each whatever became of the others; gives what could not be deleted.
    private func deleteAll() async -> [String] {
        var failures: [String] = []
        for deletion in deletions.withLock({ $0 }).reversed() {
            do throws(AWSError) {
                _ = try await call(deletion.service, deletion.request)
            } catch {
                failures.append("left behind: \(String(decoding: deletion.request.body, as: UTF8.self)): \(error)")
            }
        }
        return failures
    }
}

/// A contract that the endpoint does not keep.
struct AWSContractBroken: Error, CustomStringConvertible {
    let fact: AWSFact
    let failures: [String]

    var description: String { "not kept: \(fact.rawValue): \(failures.joined(separator: "; "))" }
}

/// Nobody said which AWS is meant.
struct AWSContractUnset: Error, CustomStringConvertible {
    var description: String {
        "WAYBILL_TEST_AWS or AWS_ENDPOINT_URL must name the AWS to try (ops/with-servers does), or WAYBILL_CONTRACT=account"
    }
}
