/// What was measured about a cluster over some days. What is not known is nil and gives no advice: nothing is guessed.
package struct MeasuredFacts: Hashable, Sendable {
    /// How many whole days everything here was counted over.
    package var days: Int
    /// Thousandths of each meter's unit over those days. A meter that is not here was not used.
    package var usage: [Meter: Int64]
    package var emails: Int64

    package var receives: Receives?
    /// SES events by the word of `eventType`: `Delivery`, `Open`. Of all that came, also those that are ignored.
    package var feedback: [String: Int64]?
    package var table: Table?
    package var logs: Logs?
    package var workers: Workers?
    package var database: Database?
    package var network: Network?

    package init(days: Int, usage: [Meter: Int64], emails: Int64) {
        self.days = days
        self.usage = usage
        self.emails = emails
    }
}

extension MeasuredFacts {
    /// ReceiveMessage calls of all workers.
    package struct Receives: Hashable, Sendable {
        package var queues: Int64
        package var calls: Int64
        /// Those that brought nothing.
        package var empty: Int64

        package init(queues: Int64, calls: Int64, empty: Int64) {
            (self.queues, self.calls, self.empty) = (queues, calls, empty)
        }
    }

    /// The table of deliveries.
    package struct Table: Hashable, Sendable {
        package struct Index: Hashable, Sendable {
            package var name: String
            /// Thousandths of write request units.
            package var writeThousandths: Int64
            /// Of read request units. A query that finds nothing takes half a unit.
            package var readThousandths: Int64

            package init(name: String, writeThousandths: Int64, readThousandths: Int64) {
                self.name = name
                (self.writeThousandths, self.readThousandths) = (writeThousandths, readThousandths)
            }
        }

        /// With their use from consumed capacity, by index. Nil when it is not kept apart.
        package var indexes: [Index]?
        /// Of the table without its indexes.
        package var baseWriteThousandths: Int64?
        /// Of a finished record, as DynamoDB counts it.
        package var recordBytes: Int64?
        /// The busiest second's units, indexes included.
        package var peakWriteUnitsPerSecond: Int64?
        package var peakReadUnitsPerSecond: Int64?

        package init() {}
    }

    package struct Logs: Hashable, Sendable {
        package enum Retention: Hashable, Sendable {
            case days(Int64)
            case forever
        }

        /// By the level's name, `debug`, `info`.
        package var bytesByLevel: [String: Int64]?
        package var retention: Retention?

        package init(bytesByLevel: [String: Int64]? = nil, retention: Retention? = nil) {
            (self.bytesByLevel, self.retention) = (bytesByLevel, retention)
        }
    }

    package struct Workers: Hashable, Sendable {
        /// How many run in the busiest hour.
        package var count: Int64
        /// How many ran in each hour, in thousandths: a cluster that grows and shrinks pays for few of the busiest hour's.
        package var hourlyThousandths: [Int64]
        /// Thousandths of a processor each.
        package var cpuThousandths: Int64
        /// Of the busiest hour, of all together, in percent of what they have.
        package var peakCPUPercent: Int64
        /// Of the one that did most in any hour, such as the leader, and of the one that had most memory.
        package var busiestCPUPercent: Int64
        package var largestMemoryPercent: Int64

        package init(
            count: Int64,
            hourlyThousandths: [Int64],
            cpuThousandths: Int64,
            peakCPUPercent: Int64,
            busiestCPUPercent: Int64,
            largestMemoryPercent: Int64
        ) {
            self.count = count
            self.hourlyThousandths = hourlyThousandths
            self.cpuThousandths = cpuThousandths
            self.peakCPUPercent = peakCPUPercent
            self.busiestCPUPercent = busiestCPUPercent
            self.largestMemoryPercent = largestMemoryPercent
        }
    }

    package struct Database: Hashable, Sendable {
        /// Of the busiest hour, in percent of what it has.
        package var peakCPUPercent: Int64?
        package var peakMemoryPercent: Int64?

        package init(peakCPUPercent: Int64?, peakMemoryPercent: Int64?) {
            (self.peakCPUPercent, self.peakMemoryPercent) = (peakCPUPercent, peakMemoryPercent)
        }
    }

    /// How the workers reach AWS.
    package struct Network: Hashable, Sendable {
        package var zones: Int64
        /// How many of AWS's services are called that have interface endpoints. DynamoDB's gateway endpoint costs nothing
        /// and is not among them.
        package var services: Int64
        /// Whether the workers call nothing but AWS: endpoints lead nowhere else.
        package var callsOnlyAWS: Bool

        package init(zones: Int64, services: Int64, callsOnlyAWS: Bool) {
            (self.zones, self.services, self.callsOnlyAWS) = (zones, services, callsOnlyAWS)
        }
    }
}
