import Foundation
import WaybillPorts

/// What Linux says of this process.
enum SystemLoad {
    private static let status = "/proc/self/status"

    /// Source: getrusage(2); proc_pid_status(5), `RssAnon`: memory that belongs to the process and is no file's.
    static func read() throws -> ProcessLoad {
        var usage = rusage()
        guard unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 else {
            throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EINVAL)
        }
        let text = try String(contentsOfFile: status, encoding: .utf8)
        guard let kibibytes = kibibytes("RssAnon", in: text) else {
            throw SystemLoadUnknown(description: "expected a line RssAnon: N kB in \(status), found none")
        }
        return ProcessLoad(
            processorTime: duration(usage.ru_utime) + duration(usage.ru_stime),
            memoryBytes: kibibytes * 1024
        )
    }

    private static func duration(_ time: timeval) -> Duration {
        .seconds(Int64(time.tv_sec)) + .microseconds(Int64(time.tv_usec))
    }

    /// `RssAnon:     1234 kB`.
    static func kibibytes(_ name: String, in status: String) -> Int64? {
        for line in status.split(separator: "\n") where line.hasPrefix("\(name):") {
            let words = line.dropFirst(name.count + 1).split(whereSeparator: \.isWhitespace)
            guard words.count == 2, words[1] == "kB" else { return nil }
            return Int64(words[0])
        }
        return nil
    }
}

struct SystemLoadUnknown: Error, CustomStringConvertible {
    let description: String
}
