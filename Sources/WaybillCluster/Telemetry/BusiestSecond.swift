import WaybillCore
import WaybillPorts

/// The DynamoDB units of the present second: what provisioned capacity would have to hold.
struct BusiestSecond {
    private var second: Int64 = 0
    private var units: [UseFact: Int64] = [:]

    /// The peak that this use may have made, and its thousandths of units so far; nil for a use that has none.
    mutating func add(_ thousandths: Int64, of meter: Meter, at now: Timestamp) -> (fact: UseFact, thousandths: Int64)?
    {
        guard let fact = Self.fact(of: meter) else { return nil }
        if now.seconds != second { (second, units) = (now.seconds, [:]) }
        units[fact, default: 0] += thousandths
        return (fact, units[fact, default: 0])
    }

    private static func fact(of meter: Meter) -> UseFact? {
        switch meter {
        case .dynamoDBWriteUnits: .peakWriteUnits
        case .dynamoDBReadUnits: .peakReadUnits
        default: nil
        }
    }
}
