/// What is counted beside the meters because advice rests on it: it costs nothing itself. The raw value is the name in the
/// tables.
package enum UseFact: String, CaseIterable, Hashable, Sendable {
    /// ReceiveMessage calls that were answered, of a queue.
    case receives = "sqs.receives"
    /// Those of them that brought nothing.
    case emptyReceives = "sqs.empty-receives"
    /// SES events by the word of `eventType`, each time that one is received.
    case events = "ses.events"
    /// Records of emails that SES had accepted, as they were before they were written to, of a table.
    case records = "dynamodb.records"
    /// Their sizes together, in bytes as DynamoDB counts them.
    case recordBytes = "dynamodb.record-bytes"
    /// Bytes of log, of a level.
    case logBytes = "log.bytes"

    // Of a process, by the name that it drew when it started.
    /// Milliseconds that it ran.
    case runTime = "process.milliseconds"
    /// Milliseconds of processors that it used.
    case processorTime = "process.processor-milliseconds"
    /// The most memory that it was seen to have, in bytes.
    case memoryPeak = "process.memory-peak-bytes"
    /// Thousandths of units of its busiest second.
    case peakWriteUnits = "process.peak-write-units"
    case peakReadUnits = "process.peak-read-units"

    /// The largest counts, not the sum.
    package var isPeak: Bool {
        switch self {
        case .memoryPeak, .peakWriteUnits, .peakReadUnits: true
        case .receives, .emptyReceives, .events, .records, .recordBytes, .logBytes, .runTime, .processorTime: false
        }
    }

    /// Each process has its own, hour by hour.
    package var isOfProcess: Bool {
        switch self {
        case .runTime, .processorTime, .memoryPeak, .peakWriteUnits, .peakReadUnits: true
        case .receives, .emptyReceives, .events, .records, .recordBytes, .logBytes: false
        }
    }
}
