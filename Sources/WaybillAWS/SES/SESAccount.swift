import WaybillCore
package import WaybillPorts

/// SES v2 GetAccount: quota, rate, whether sending is allowed, and the plan by which it is paid. SES answers one such request a second and account.
package struct SESAccount: QuotaSource {
    private let client: AWSClient

    package init(context: AWSContext) {
        client = AWSClient(.ses, context: context)
    }

    package func account() async throws(QuotaError) -> SendingAccount {
        do throws(AWSError) {
            let answer = try await client.call(.rest("GetAccount", "GET", "/v2/email/account"))
            return try account(in: answer)
        } catch {
            throw QuotaError(error.description)
        }
    }

    private func account(in answer: AWSAnswer) throws(AWSError) -> SendingAccount {
        let json = try answer.json()
        guard let quota = json["SendQuota"], let rate = quota["MaxSendRate"]?.double,
            let most = quota["Max24HourSend"]?.double, let sent = quota["SentLast24Hours"]?.double,
            let enabled = json["SendingEnabled"]?.boolean
        else { throw answer.undecodable("GetAccount without SendQuota or SendingEnabled") }
        return SendingAccount(
            sendingEnabled: enabled,
            productionAccess: json["ProductionAccessEnabled"]?.boolean ?? false,
            enforcement: json["EnforcementStatus"]?.text ?? "UNKNOWN",
            maxSendRate: rate,
            max24HourSend: most,
            sentLast24Hours: sent,
            plan: json["PricingAttributes"]?["CurrentPlan"]?.text.flatMap { SESPlan(currentPlan: $0) }
        )
    }
}

extension JSON {
    fileprivate var double: Double? {
        guard case .number(let digits) = self else { return nil }
        return Double(digits)
    }
}
