import Foundation
import Testing

/// Which sequences are tried.
package enum ModelSeeds {
    package static let variable = "WAYBILL_MODEL_SEEDS"

    /// The fixed ones, or those of the variable for a long run: `200` are the seeds 1 to 200, `1000-1999` those.
    package static func chosen(or fixed: ClosedRange<UInt64>) throws -> ClosedRange<UInt64> {
        guard let text = ProcessInfo.processInfo.environment[variable], !text.isEmpty else { return fixed }
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        let numbers = parts.compactMap { UInt64($0) }
        var range: ClosedRange<UInt64>?
        if numbers.count == parts.count, parts.count <= 2, let last = numbers.last {
            let first = parts.count == 2 ? numbers[0] : 1
            range = first <= last ? first...last : nil
        }
        return try #require(range, "\(variable) is a number of seeds, or the first and the last one: 200, 1000-1999")
    }

    /// Whether somebody asked for a long run, who wants to hear how much agreed.
    package static var areMany: Bool { ProcessInfo.processInfo.environment[variable]?.isEmpty == false }
}
