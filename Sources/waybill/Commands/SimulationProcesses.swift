import Foundation
import WaybillCore

/// Runs one batch of seeds in several processes of this program: a world runs on one thread.
struct SimulationProcesses {
    let jobs: Int
    let seeds: ClosedRange<UInt64>
    /// The options that each gets beside its seeds.
    let arguments: [String]

    /// Waits for all of them. What they say on standard error goes to ours.
    func run() throws -> SimulationTally {
        let running = try shares().map(start)
        var tally = SimulationTally()
        for (process, output) in running {
            let data = try output.fileHandleForReading.readToEnd() ?? Data()
            process.waitUntilExit()
            let last = String(decoding: data, as: UTF8.self).split(separator: "\n").last.map(String.init) ?? ""
            tally.add(try part(last, process))
        }
        return tally
    }

    private func part(_ line: String, _ process: Process) throws -> SimulationTally {
        do {
            if let part = SimulationTally(try JSON.parse(line.utf8)) { return part }
        } catch {
            // Its end says more than what it did not print.
        }
        throw CommandFailure(.failed, "a process of the simulation ended with \(process.terminationStatus)")
    }

    private func shares() -> [ClosedRange<UInt64>] {
        let count = UInt64(seeds.count)
        let jobs = min(UInt64(jobs), count)
        return (0..<jobs).map { index in
            let first = seeds.lowerBound + count * index / jobs
            return first...(seeds.lowerBound + count * (index + 1) / jobs - 1)
        }
    }

    private func start(_ share: ClosedRange<UInt64>) throws -> (Process, Pipe) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments =
            ["simulate", "--json", "--share", "--from", "\(share.lowerBound)", "--seeds", "\(share.count)"] + arguments
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        return (process, output)
    }
}
