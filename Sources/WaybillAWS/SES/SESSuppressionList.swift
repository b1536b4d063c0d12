package import WaybillCore
package import WaybillPorts

/// The account's suppression list: SES v2 ListSuppressedDestinations and DeleteSuppressedDestination. SES answers one such
/// request a second and account (SES developer guide, "Service quotas": all but sending), so nothing is tried again here: the
/// leader paces itself.
package struct SESSuppressionList: AccountSuppressionList {
    private static let path = "/v2/email/suppression/addresses"
    private let client: AWSClient

    package init(context: AWSContext) {
        client = AWSClient(.ses, context: context)
    }

    package func page(since: Timestamp?, token: String?) async throws(AccountListError) -> AccountSuppressionPage {
        var request = AWSRequest.rest("ListSuppressedDestinations", "GET", Self.path)
        request.retry = .never
        var query: [(name: String, value: String)] = [("PageSize", "\(AccountSuppressionPage.most)")]
        // Whole seconds, as AWS's own clients write it, and rounded down.
        if let since { query.append(("StartDate", "\(since.rfc3339.prefix(19))Z")) }
        if let token { query.append(("NextToken", token)) }
        request.query = query.sorted { $0.name < $1.name }
            .map { "\($0.name)=\(PercentEncoding.encode($0.value))" }.joined(separator: "&")
        do throws(AWSError) {
            return try page(in: try await client.call(request))
        } catch {
            throw AccountListError(error)
        }
    }

    package func remove(_ email: String) async throws(AccountListError) -> Bool {
        let path = "\(Self.path)/\(PercentEncoding.encode(email))"
        do throws(AWSError) {
            _ = try await client.call(.rest("DeleteSuppressedDestination", "DELETE", path))
            return true
        } catch {
            if error.code == .refused, error.type == "NotFoundException" { return false }
            throw AccountListError(error)
        }
    }

    private func page(in answer: AWSAnswer) throws(AWSError) -> AccountSuppressionPage {
        let json = try answer.json()
        guard let summaries = json["SuppressedDestinationSummaries"]?.elements else {
            throw answer.undecodable("ListSuppressedDestinations without SuppressedDestinationSummaries")
        }
        var entries: [AccountSuppressionPage.Entry] = []
        for summary in summaries {
            guard let email = summary["EmailAddress"]?.text, let reason = summary["Reason"]?.text,
                let updatedAt = summary["LastUpdateTime"]?.epochTime
            else { throw answer.undecodable("a summary without EmailAddress, Reason or LastUpdateTime") }
            entries.append(AccountSuppressionPage.Entry(email: email, reason: reason, updatedAt: updatedAt))
        }
        let next = json["NextToken"]?.text
        return AccountSuppressionPage(entries: entries, next: next.flatMap { $0.isEmpty ? nil : $0 })
    }
}

extension AccountListError {
    fileprivate init(_ error: AWSError) {
        let code: Code =
            switch (error.code, error.kind) {
            case (.refused, .throttled): .throttled
            // There may be others by the next time.
            case (.refused, .expiredCredentials), (.refused, .signatureTime): .unreached
            case (.refused, _): error.type == "InvalidNextTokenException" ? .staleToken : .refused
            case (.configuration, _): .refused
            case (.credentials, _), (.unanswered, _), (.notSent, _), (.cancelled, _): .unreached
            }
        self.init(code, error.description)
    }
}

extension JSON {
    /// Seconds since 1970 with a fraction, as AWS's JSON protocols write times.
    fileprivate var epochTime: Timestamp? {
        guard case .number(let digits) = self, let seconds = Double(digits), abs(seconds) < 1e12 else { return nil }
        return Timestamp(microseconds: Int64((seconds * 1_000_000).rounded()))
    }
}
