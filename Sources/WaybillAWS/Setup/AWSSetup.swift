/// Makes what Waybill needs in an account, or in an emulator. Every function may be called again: what is there is
/// brought to the wanted settings and used.
package struct AWSSetup: Sendable {
    package enum Outcome: String, Hashable, Sendable {
        case created
        /// It was there.
        case reused
    }

    let sns: AWSClient
    let sqs: AWSClient
    let dynamoDB: AWSClient
    let ses: AWSClient
    let context: AWSContext

    package init(context: AWSContext) {
        self.context = context
        sns = AWSClient(.sns, context: context)
        sqs = AWSClient(.sqs, context: context)
        dynamoDB = AWSClient(.dynamodb, context: context, policy: .dynamoDB)
        ses = AWSClient(.ses, context: context)
    }

    /// Performs a creation, and says whether the thing was there: SES and DynamoDB refuse a second one.
    func create(
        _ client: AWSClient,
        _ request: AWSRequest,
        thereIs: Set<String>
    ) async throws(AWSError) -> Outcome {
        do throws(AWSError) {
            _ = try await client.call(request)
            return .created
        } catch {
            guard error.code == .refused, thereIs.contains(error.type) else { throw error }
            return .reused
        }
    }
}
