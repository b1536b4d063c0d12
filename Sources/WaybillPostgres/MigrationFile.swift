import Glibc

/// A numbered SQL file: `0001_jobs.sql`.
package struct MigrationFile: Hashable, Sendable {
    package let version: Int
    package let name: String
    package let sql: String

    package init(version: Int, name: String, sql: String) {
        self.version = version
        self.name = name
        self.sql = sql
    }

    /// Reads a file's name: four digits, an underscore, a name, `.sql`. Nil for anything else.
    package init?(fileName: String, sql: String) {
        let digits = fileName.prefix(4)
        guard fileName.hasSuffix(".sql"), digits.count == 4, digits.allSatisfy({ ("0"..."9").contains($0) }),
            let version = Int(digits), fileName.dropFirst(4).first == "_"
        else { return nil }
        let name = fileName.dropFirst(5).dropLast(4)
        guard !name.isEmpty else { return nil }
        self.init(version: version, name: String(name), sql: sql)
    }

    package var fileName: String {
        let digits = String(version)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits + "_\(name).sql"
    }
}

extension MigrationFile {
    /// Reads every `.sql` file of a folder, in order of their numbers. Errors: the folder or a file cannot be read, or a
    /// name is none of a migration.
    package static func read(folder: String) throws(MigrationError) -> [MigrationFile] {
        var files: [MigrationFile] = []
        for fileName in try fileNames(in: folder) where fileName.hasSuffix(".sql") {
            guard let file = MigrationFile(fileName: fileName, sql: try contents(of: "\(folder)/\(fileName)")) else {
                throw MigrationError(.files, "\(folder)/\(fileName) is not named like 0001_name.sql")
            }
            files.append(file)
        }
        guard !files.isEmpty else { throw MigrationError(.files, "\(folder) has no migrations") }
        return files.sorted { $0.version < $1.version }
    }

    private static func fileNames(in folder: String) throws(MigrationError) -> [String] {
        guard let directory = unsafe opendir(folder) else {
            throw MigrationError(.files, "cannot read the folder \(folder): errno \(errno)")
        }
        defer { unsafe closedir(directory) }
        var names: [String] = []
        while let entry = unsafe readdir(directory) {
            let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            names.append(name)
        }
        return names
    }

    private static func contents(of path: String) throws(MigrationError) -> String {
        guard let file = unsafe fopen(path, "rb") else {
            throw MigrationError(.files, "cannot read \(path): errno \(errno)")
        }
        defer { unsafe fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = unsafe fread(&chunk, 1, chunk.count, file)
            bytes.append(contentsOf: chunk[..<count])
            if count == 0 { break }
        }
        guard unsafe ferror(file) == 0, let text = String(validating: bytes, as: UTF8.self) else {
            throw MigrationError(.files, "cannot read \(path): a read error, or not UTF-8")
        }
        return text
    }
}

/// Why the database was not migrated.
package struct MigrationError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: String, Hashable, Sendable {
        /// The files themselves: unreadable, misnamed, a number twice or left out.
        case files
        /// A file is not what was applied.
        case changed
        /// The database has a migration that is not among the files.
        case missing
        /// PostgreSQL could not be reached, or refused a file; its changes were rolled back.
        case failed
    }

    package let code: Code
    package let message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { "migration \(code.rawValue): \(message)" }
}
