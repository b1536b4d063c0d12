import WaybillAWS
import WaybillCore
import WaybillPorts

/// The services over a scripted transport.
struct AWSFixture {
    static let variables = ["AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "secret"]

    let transport: ScriptedTransport
    let environment = SteppedEnvironment()
    let usage = UsageRecord()
    let context: AWSContext

    init(
        _ answers: Result<HTTPResponse, HTTPError>...,
        surroundings: AWSSurroundings = AWSFixture.surroundings()
    ) {
        self.init(answers, surroundings: surroundings)
    }

    init(_ answers: [Result<HTTPResponse, HTTPError>], surroundings: AWSSurroundings) {
        transport = ScriptedTransport(answers)
        context = AWSContext(
            configuration: AWSConfiguration(region: "eu-central-1"),
            surroundings: surroundings,
            transport: transport,
            environment: environment,
            usage: usage
        )
    }

    static func surroundings(
        _ variables: [String: String] = AWSFixture.variables,
        files: [String: String] = [:],
        profile: String? = nil
    ) -> AWSSurroundings {
        AWSSurroundings(variables: variables, explicitProfile: profile) { path throws(AWSError) in files[path] }
    }
}

extension HTTPRequest {
    func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }

    var text: String { String(decoding: body, as: UTF8.self) }

    func json() throws -> JSON { try JSON.parse(body) }
}
