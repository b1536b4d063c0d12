/// What a process finds around it: its environment variables and the files of AWS's shared configuration. Injected, so
/// that tests need neither.
package struct AWSSurroundings: Sendable {
    package let variables: [String: String]
    /// A profile that was named on purpose, by a setting or an option.
    package let explicitProfile: String?
    private let readFile: @Sendable (_ path: String) throws(AWSError) -> String?

    /// `readFile` gives a file's text, or nil when there is no such file.
    package init(
        variables: [String: String],
        explicitProfile: String? = nil,
        readFile: @escaping @Sendable (_ path: String) throws(AWSError) -> String?
    ) {
        self.variables = variables
        self.explicitProfile = explicitProfile
        self.readFile = readFile
    }

    /// A variable that is set to something.
    func variable(_ name: String) -> String? {
        variables[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    func isTrue(_ name: String) -> Bool { variable(name)?.lowercased() == "true" }

    var profile: String {
        explicitProfile ?? variable("AWS_PROFILE") ?? variable("AWS_DEFAULT_PROFILE") ?? "default"
    }

    /// Somebody named the profile: that it is not there is a mistake.
    var isProfileNamed: Bool {
        explicitProfile != nil || variable("AWS_PROFILE") != nil || variable("AWS_DEFAULT_PROFILE") != nil
    }

    enum SharedFile { case credentials, config }

    func path(of file: SharedFile) -> String {
        switch file {
        case .credentials: path("AWS_SHARED_CREDENTIALS_FILE", otherwise: "~/.aws/credentials")
        case .config: path("AWS_CONFIG_FILE", otherwise: "~/.aws/config")
        }
    }

    /// A profile's settings in one of the files; nil when the file or the profile is not there.
    func settings(of profile: String, in shared: SharedFile) throws(AWSError) -> [String: String]? {
        guard let sections = try file(path(of: shared))?.sections else { return nil }
        switch shared {
        case .credentials: return sections[profile]
        case .config:
            // The default profile may be written with or without the word.
            return sections["profile \(profile)"] ?? (profile == "default" ? sections["default"] : nil)
        }
    }

    /// A profile's settings in both files; what stands in both is the credentials file's. Nil when it is in neither.
    func settings(of profile: String) throws(AWSError) -> [String: String]? {
        let config = try settings(of: profile, in: .config)
        guard let credentials = try settings(of: profile, in: .credentials) else { return config }
        return (config ?? [:]).merging(credentials) { _, second in second }
    }

    /// A section `[services NAME]` of the config file.
    func services(_ name: String) throws(AWSError) -> [String: String]? {
        try file(path(of: .config))?.sections["services \(name)"]
    }

    /// A file's text, or nil when there is no such file.
    func contents(of path: String) throws(AWSError) -> String? { try readFile(path) }

    private func file(_ path: String) throws(AWSError) -> SharedConfigFile? {
        guard let text = try contents(of: path) else { return nil }
        return try SharedConfigFile(text, path: path)
    }

    private func path(_ name: String, otherwise: String) -> String {
        let path = variable(name) ?? otherwise
        guard path.hasPrefix("~/"), let home = variable("HOME") else { return path }
        return home + path.dropFirst()
    }
}
