import Synchronization
import WaybillCore
import WaybillPorts

/// Calls one service: signs, sends, reads the answer, and tries again as the request allows.
package final class AWSClient: Sendable {
    private let service: AWSService
    private let endpoint: AWSEndpoint
    private let signer: SigV4Signer
    private let context: AWSContext
    private let policy: RetryPolicy
    private let budget = Mutex(RetryBudget())

    package init(_ service: AWSService, context: AWSContext, policy: RetryPolicy = .standard) {
        self.service = service
        self.context = context
        self.policy = policy
        endpoint = context.configuration.endpoint(service)
        signer = SigV4Signer(
            service: service.signingName,
            region: service.onlyRegion ?? context.configuration.region
        )
    }

    /// Performs the request and gives the answer, a 2xx; everything else is an error.
    package func call(_ request: AWSRequest) async throws(AWSError) -> AWSAnswer {
        var plan = RetryPlan(policy: policy, mode: request.retry, signatureIsFixed: request.signedAt != nil)
        var renewed = false
        while true {
            let credentials = try await credentials(for: request)
            do throws(AWSError) {
                let answer = try await attempt(request, credentials)
                budget.withLock { $0.succeeded(taken: plan.taken) }
                return answer
            } catch {
                if request.signer == .chain, let credentials, mustRenew(after: error) {
                    context.credentialsCache.refused(credentials)
                    if !renewed, request.retry != .never, try await differ(from: credentials, error) {
                        renewed = true
                        continue
                    }
                }
                try await wait(after: error, &plan)
            }
        }
    }

    /// Nil when nobody signs.
    private func credentials(for request: AWSRequest) async throws(AWSError) -> AWSCredentials? {
        switch request.signer {
        case .chain: try await context.credentials()
        case .credentials(let credentials): credentials
        case .nobody: nil
        }
    }

    /// Waits until the next attempt, or throws when there is none.
    private func wait(after error: AWSError, _ plan: inout RetryPlan) async throws(AWSError) {
        var generator = EnvironmentGenerator(context.environment)
        let delay = budget.withLock { plan.delay(after: error, budget: &$0, using: &generator) }
        guard let delay else { throw error }
        do throws(CancellationError) {
            try await context.environment.sleep(for: delay)
        } catch {
            throw AWSError(.cancelled, "cancelled before another attempt")
        }
    }

    /// The credentials were refused: perhaps there are others by now.
    private func mustRenew(after error: AWSError) -> Bool {
        guard error.code == .refused else { return false }
        switch error.kind {
        case .throttled, .signatureTime, .other: return false
        case .expiredCredentials, .accessDenied: return true
        }
    }

    /// Whether the credentials to be found now are not those that were refused. Finding none is no news.
    private func differ(from used: AWSCredentials, _ refusal: AWSError) async throws(AWSError) -> Bool {
        do throws(AWSError) {
            return try await context.credentials() != used
        } catch {
            throw refusal
        }
    }

    private func attempt(_ request: AWSRequest, _ credentials: AWSCredentials?) async throws(AWSError) -> AWSAnswer {
        let signed = signedRequest(request, credentials)
        let response: HTTPResponse
        do throws(HTTPError) {
            response = try await context.transport.execute(signed)
        } catch {
            throw AWSError(error, operation: request.operation)
        }
        context.clock.learn(from: response)
        meter(request, response)
        return try AWSAnswer(response)
    }

    private func signedRequest(_ request: AWSRequest, _ credentials: AWSCredentials?) -> HTTPRequest {
        let path = endpoint.path + request.path
        var headers = request.headers
        if let credentials {
            headers = signer.sign(
                method: request.method,
                path: path,
                query: request.query,
                headers: [HTTPHeader("Host", endpoint.authority)] + request.headers,
                body: request.body,
                credentials: credentials,
                at: request.signedAt ?? context.clock.now()
            )
        }
        // The transport sends the host of the URL itself.
        headers.removeAll { $0.name == "Host" }
        return HTTPRequest(
            method: request.method,
            url: "\(endpoint.scheme.rawValue)://\(endpoint.authority)\(path)"
                + (request.query.isEmpty ? "" : "?\(request.query)"),
            headers: headers,
            body: request.body,
            totalTimeout: request.totalTimeout,
            repeatable: request.retry == .always
        )
    }

    private func meter(_ request: AWSRequest, _ response: HTTPResponse) {
        guard let charge = request.charge, response.status < 500 else { return }
        let sent = request.payloadBytes ?? request.body.count
        let requests = charge.requests(sent: sent, received: response.body.count)
        context.usage.used(Usage(charge.meter, of: charge.resource, thousandths: requests * 1000))
    }
}

extension AWSError {
    fileprivate init(_ error: HTTPError, operation: String) {
        let code: Code =
            switch (error.code, error.exposure) {
            case (.cancelled, _): .cancelled
            case (.invalidRequest, .notSent): .configuration
            case (_, .notSent): .notSent
            case (_, .maybeSent): .unanswered
            }
        self.init(code, "\(operation): \(error.message) (\(error.code.rawValue))", exposure: error.exposure)
    }
}
