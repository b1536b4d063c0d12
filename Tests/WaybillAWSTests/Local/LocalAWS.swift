import Foundation
import Testing
import WaybillAWS
import WaybillCore
import WaybillHTTP
import WaybillPorts
import WaybillReactor

/// The local AWS over real HTTP. Everything that a test makes there bears the test's own names.
struct LocalAWS: Sendable {
    let services: AWSServices
    let usage: UsageRecord
    private let engine: HTTPEngine
    private let url: String

    /// Runs a test against the local AWS that `WAYBILL_TEST_AWS` names. `skew` is how far this machine's clock is ahead,
    /// as far as the client can tell.
    static func run(
        variables: [String: String] = [:],
        skew: Duration = .zero,
        _ body: (LocalAWS) async throws -> Void
    ) async throws {
        let environment = ProcessInfo.processInfo.environment
        let url = try #require(
            environment["WAYBILL_TEST_AWS"],
            "WAYBILL_TEST_AWS names no local AWS: run the tests with ops/with-servers"
        )
        let reactor = try Reactor()
        let engine = HTTPEngine(reactor: reactor)
        let result: Result<Void, any Error>
        do {
            try await body(LocalAWS(url, engine, environment: environment, variables, skew))
            result = .success(())
        } catch {
            result = .failure(error)
        }
        await engine.shutdown()
        await reactor.stop()
        try result.get()
    }

    private init(
        _ url: String,
        _ engine: HTTPEngine,
        environment: [String: String],
        _ variables: [String: String],
        _ skew: Duration
    ) throws {
        let all = [
            "AWS_ACCESS_KEY_ID": environment["AWS_ACCESS_KEY_ID"] ?? "test",
            "AWS_SECRET_ACCESS_KEY": environment["AWS_SECRET_ACCESS_KEY"] ?? "test",
            "AWS_REGION": "us-east-1", "AWS_ENDPOINT_URL": url,
        ].merging(variables) { _, second in second }
        let surroundings = AWSFixture.surroundings(all)
        usage = UsageRecord()
        services = AWSServices(
            configuration: try AWSConfiguration(surroundings),
            surroundings: surroundings,
            transport: engine,
            environment: SystemEnvironment(skew: skew),
            usage: usage
        )
        self.engine = engine
        self.url = url
    }

    /// A name that no other test has.
    static func name(_ word: String) -> String {
        "\(word)-\(String(UInt64.random(in: 0 ... .max), radix: 36))"
    }

    /// The local AWS's own endpoints, which are not AWS's.
    func control(_ method: String, _ path: String, _ body: JSON? = nil) async throws -> JSON {
        let answer = try await engine.execute(
            HTTPRequest(method: method, url: url + path, body: body?.encoded ?? [])
        )
        try #require(answer.status == 200, "\(method) \(path): \(String(decoding: answer.body, as: UTF8.self))")
        return try JSON.parse(answer.body)
    }

    /// How often SES accepted a delivery: the witness that is not the program under test.
    func acceptances(of delivery: DeliveryID) async throws -> Int64 {
        let answer = try await control("GET", "/_local/acceptances?prefix=\(delivery.tag)")
        return answer["deliveries"]?[delivery.tag]?["count"]?.integer ?? 0
    }

    /// A queue that hides what is received for one second, unless told otherwise.
    func makeQueue(visibility: Duration = .seconds(1), topicARNs: [String] = []) async throws -> QueueAddress {
        let settings = QueueSettings(visibility: visibility, retention: .seconds(3600), topicARNs: topicARNs)
        return try await services.setup().queue(named: Self.name("queue"), settings).address
    }
}

/// The system's clock and chance.
struct SystemEnvironment: Environment {
    let skew: Duration

    func monotonicNow() -> Duration { .nanoseconds(Int64(DispatchTime.now().uptimeNanoseconds)) }

    func wallNow() -> Timestamp {
        Timestamp(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000)) + skew
    }

    func sleep(for duration: Duration) async throws(CancellationError) {
        do {
            try await Task.sleep(for: duration)
        } catch {
            throw CancellationError()
        }
    }

    func randomBits() -> UInt64 { .random(in: 0 ... .max) }
}
