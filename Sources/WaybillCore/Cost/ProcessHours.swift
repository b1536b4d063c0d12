/// What a process uses by running: processor and memory on Fargate, by the hour. Every interval counts to the last
/// microsecond: what is less than a thousandth of an hour is carried on to the next.
///
/// Fargate bills by the second from the pull of the image on, a minute at least (AWS, "Fargate pricing"). What passes before
/// the process starts and after it has ended is not known here.
package struct ProcessHours: Hashable, Sendable {
    package enum Architecture: Hashable, Sendable {
        case x86
        case arm

        /// What this program was built for.
        #if arch(arm64)
            package static let own = Architecture.arm
        #else
            package static let own = Architecture.x86
        #endif
    }

    /// What a task of Fargate was given.
    package struct Size: Hashable, Sendable {
        /// Fargate's largest task has 16 processors and 120 gigabytes: more is a mistake, and ten times as much still counts.
        package static let mostMilliCPU: Int64 = 160_000
        package static let mostMilliGigabytes: Int64 = 1_200_000

        package let architecture: Architecture
        /// Thousandths of a vCPU.
        package let milliCPU: Int64
        /// Thousandths of a gigabyte.
        package let milliGigabytes: Int64

        /// Nil when it is none that a task can have.
        package init?(architecture: Architecture, milliCPU: Int64, milliGigabytes: Int64) {
            guard (1...Self.mostMilliCPU).contains(milliCPU), (1...Self.mostMilliGigabytes).contains(milliGigabytes)
            else { return nil }
            self.architecture = architecture
            self.milliCPU = milliCPU
            self.milliGigabytes = milliGigabytes
        }

        fileprivate var cpuMeter: Meter {
            switch architecture {
            case .x86: .fargateX86CPUHours
            case .arm: .fargateARMCPUHours
            }
        }

        fileprivate var memoryMeter: Meter {
            switch architecture {
            case .x86: .fargateX86Memory
            case .arm: .fargateARMMemory
            }
        }
    }

    package struct Use: Hashable, Sendable {
        package let meter: Meter
        package let thousandths: Int64
    }

    /// Longer than any process runs; the product with the largest size still fits into 64 bits.
    private static let longestStep: Int64 = 30 * 86_400 * 1_000_000
    private static let hour: Int64 = 3600 * 1_000_000

    private let size: Size
    /// Up to where time has been counted, on the monotonic clock.
    private var countedUntil: Duration
    /// Thousandths x microseconds that make no whole thousandth of an hour yet.
    private var cpuRest: Int64 = 0
    private var memoryRest: Int64 = 0

    package init(_ size: Size, startedAt: Duration) {
        self.size = size
        countedUntil = startedAt
    }

    /// What was used since the last call, or since the start. A time that does not lie after the last is no time.
    package mutating func ran(until now: Duration) -> [Use] {
        var cpu: Int64 = 0
        var memory: Int64 = 0
        while case let step = min(Self.microseconds(now - countedUntil), Self.longestStep), step > 0 {
            countedUntil += .microseconds(step)
            cpu += Self.take(size.milliCPU * step, &cpuRest)
            memory += Self.take(size.milliGigabytes * step, &memoryRest)
        }
        let uses = [
            Use(meter: size.cpuMeter, thousandths: cpu), Use(meter: size.memoryMeter, thousandths: memory),
        ]
        return uses.filter { $0.thousandths > 0 }
    }

    private static func take(_ product: Int64, _ rest: inout Int64) -> Int64 {
        let (whole, left) = (product + rest).quotientAndRemainder(dividingBy: hour)
        rest = left
        return whole
    }

    private static func microseconds(_ duration: Duration) -> Int64 {
        let (seconds, attoseconds) = duration.components
        return seconds * 1_000_000 + attoseconds / 1_000_000_000_000
    }
}
