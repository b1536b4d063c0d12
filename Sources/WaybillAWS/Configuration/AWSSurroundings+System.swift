#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension AWSSurroundings {
    /// The surroundings of this process: the variables given, and the file system.
    package static func system(variables: [String: String], profile: String? = nil) -> AWSSurroundings {
        AWSSurroundings(variables: variables, explicitProfile: profile) { path throws(AWSError) in
            guard FileManager.default.fileExists(atPath: path) else { return nil }
            do {
                let data = try Data(contentsOf: URL(filePath: path))
                return String(decoding: data, as: UTF8.self)
            } catch {
                throw AWSError(.configuration, "\(path) cannot be read: \(error)")
            }
        }
    }
}
