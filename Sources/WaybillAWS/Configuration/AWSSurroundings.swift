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

    var credentialsPath: String { path("AWS_SHARED_CREDENTIALS_FILE", otherwise: "~/.aws/credentials") }
    var configPath: String { path("AWS_CONFIG_FILE", otherwise: "~/.aws/config") }

    /// The profile's settings in the credentials file; nil when the file or the profile is not there.
    func credentialsProfile() throws(AWSError) -> [String: String]? {
        try file(credentialsPath)?.sections[profile]
    }

    /// The profile's settings in the config file; nil when the file or the profile is not there.
    func configProfile() throws(AWSError) -> [String: String]? {
        guard let sections = try file(configPath)?.sections else { return nil }
        // The default profile may be written with or without the word.
        return sections["profile \(profile)"] ?? (profile == "default" ? sections["default"] : nil)
    }

    /// A section `[services NAME]` of the config file.
    func services(_ name: String) throws(AWSError) -> [String: String]? {
        try file(configPath)?.sections["services \(name)"]
    }

    private func file(_ path: String) throws(AWSError) -> SharedConfigFile? {
        guard let text = try readFile(path) else { return nil }
        return try SharedConfigFile(text, path: path)
    }

    private func path(_ name: String, otherwise: String) -> String {
        let path = variable(name) ?? otherwise
        guard path.hasPrefix("~/"), let home = variable("HOME") else { return path }
        return home + path.dropFirst()
    }
}
