extension AWSSurroundings {
    /// The key in the environment, or nil when there is none.
    func credentialsInVariables() throws(AWSError) -> AWSCredentials? {
        guard let key = variable("AWS_ACCESS_KEY_ID") else { return nil }
        guard let secret = variable("AWS_SECRET_ACCESS_KEY") else {
            throw AWSError(.credentials, "AWS_ACCESS_KEY_ID is set and AWS_SECRET_ACCESS_KEY is not")
        }
        return AWSCredentials(
            accessKeyID: key,
            secretAccessKey: secret,
            sessionToken: variable("AWS_SESSION_TOKEN")
        )
    }

    /// A file that must be there, read anew each time: tokens in files are replaced while the process runs.
    func requiredFile(_ path: String, namedBy setting: String) throws(AWSError) -> String {
        guard let text = try contents(of: path) else {
            throw AWSError(.credentials, "\(setting): \(path) is not there")
        }
        return text
    }
}
