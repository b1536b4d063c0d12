package import WaybillCore

/// An access key. Never printed: its description holds the key's id alone.
package struct AWSCredentials: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
    package let accessKeyID: String
    package let secretAccessKey: String
    /// Of temporary credentials.
    package let sessionToken: String?

    package init(accessKeyID: String, secretAccessKey: String, sessionToken: String? = nil) {
        self.accessKeyID = accessKeyID
        self.secretAccessKey = secretAccessKey
        self.sessionToken = sessionToken
    }

    package var description: String { "AWS credentials \(accessKeyID)" }

    /// `dump` and test failures print mirrors, so the secret is kept out of it too.
    package var customMirror: Mirror { Mirror(self, children: ["accessKeyID": accessKeyID]) }
}

/// Credentials and how long they hold.
package struct FoundCredentials: Hashable, Sendable {
    package let credentials: AWSCredentials
    /// Nil for a key that holds until somebody replaces it.
    package let expiresAt: Timestamp?

    package init(_ credentials: AWSCredentials, expiresAt: Timestamp? = nil) {
        self.credentials = credentials
        self.expiresAt = expiresAt
    }
}
