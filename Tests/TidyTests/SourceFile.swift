import Foundation

/// One text file of the checkout, as the rules read it.
struct SourceFile {
    /// Relative to the checkout: `Sources/WaybillCore/Lease/LeaseMachine.swift`.
    let path: String

    /// The file's lines as they stand.
    let lines: [String]

    /// The same lines with comments and the text of string literals blanked, so that a rule sees code only.
    let code: [String]

    init(path: String, text: String) {
        self.path = path
        self.lines = text.components(separatedBy: "\n")
        self.code = path.hasSuffix(".swift") ? SwiftText.code(of: text).components(separatedBy: "\n") : lines
    }

    /// `WaybillCore` for a file of `Sources/WaybillCore` or `Tests/WaybillCore`.
    var target: String {
        let parts = path.split(separator: "/")
        return parts.count > 2 ? String(parts[1]) : ""
    }

    var name: String { String(path.split(separator: "/").last ?? "") }
}

/// What a rule found fault with.
struct Violation: Equatable, CustomStringConvertible {
    let path: String
    let line: Int
    let reason: String

    var description: String { "\(path):\(line): \(reason)" }
}

/// The checkout that these tests were compiled from.
enum Checkout {
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// The files below a folder whose names end in one of the extensions, in order of their paths.
    static func files(below folder: String, extensions: Set<String> = ["swift"]) throws -> [SourceFile] {
        let paths = try FileManager.default.subpathsOfDirectory(atPath: root.appending(path: folder).path)
        return try paths.sorted().compactMap { path in
            guard extensions.contains(String(path.split(separator: ".").last ?? "")) else { return nil }
            let text = try String(contentsOf: root.appending(path: "\(folder)/\(path)"), encoding: .utf8)
            return SourceFile(path: "\(folder)/\(path)", text: text)
        }
    }
}
