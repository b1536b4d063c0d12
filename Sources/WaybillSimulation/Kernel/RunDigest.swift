import WaybillCore

/// FNV-1a over every scheduling decision and every recorded event: two runs with the same digest were the same run.
package struct RunDigest: Hashable, Sendable, CustomStringConvertible {
    package private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    package init() {}

    mutating func mix(_ number: UInt64) {
        value = (value ^ number) &* 0x100_0000_01B3
    }

    mutating func mix(_ text: String) {
        for byte in text.utf8 { mix(UInt64(byte)) }
    }

    package var description: String { Hex.encode((0..<8).map { UInt8(truncatingIfNeeded: value >> (56 - 8 * $0)) }) }
}
