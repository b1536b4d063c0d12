package import WaybillCore

/// A value that travels in PostgreSQL's binary format.
package protocol PostgresValue: Sendable {
    /// pg_type.oid; these of built-in types never change.
    static var typeOID: UInt32 { get }
    static var arrayOID: UInt32 { get }
    func encode(into bytes: inout [UInt8])
}

extension Int64: PostgresValue {
    package static var typeOID: UInt32 { 20 }
    package static var arrayOID: UInt32 { 1016 }
    package func encode(into bytes: inout [UInt8]) { bytes.append(bigEndian: self) }
}

extension Int32: PostgresValue {
    package static var typeOID: UInt32 { 23 }
    package static var arrayOID: UInt32 { 1007 }
    package func encode(into bytes: inout [UInt8]) { bytes.append(bigEndian: self) }
}

extension Bool: PostgresValue {
    package static var typeOID: UInt32 { 16 }
    package static var arrayOID: UInt32 { 1000 }
    package func encode(into bytes: inout [UInt8]) { bytes.append(self ? 1 : 0) }
}

extension String: PostgresValue {
    package static var typeOID: UInt32 { 25 }
    package static var arrayOID: UInt32 { 1009 }
    package func encode(into bytes: inout [UInt8]) { bytes.append(contentsOf: utf8) }
}

/// `bytea`.
package struct PostgresBytes: PostgresValue {
    package static var typeOID: UInt32 { 17 }
    package static var arrayOID: UInt32 { 1001 }
    package let bytes: [UInt8]

    package init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    package func encode(into bytes: inout [UInt8]) { bytes.append(contentsOf: self.bytes) }
}

/// `timestamptz`: microseconds since 2000-01-01.
extension Timestamp: PostgresValue {
    package static var typeOID: UInt32 { 1184 }
    package static var arrayOID: UInt32 { 1185 }
    /// PostgreSQL's epoch in microseconds of the Unix epoch.
    private static var postgresEpoch: Int64 { 946_684_800_000_000 }
    /// `-infinity`: earlier than every time.
    static var distantPast: Timestamp { Timestamp(microseconds: .min) }

    package func encode(into bytes: inout [UInt8]) {
        let (difference, overflow) = microseconds.subtractingReportingOverflow(Self.postgresEpoch)
        bytes.append(bigEndian: overflow ? .min : difference)
    }

    /// PostgreSQL's infinities become the ends of the range.
    init(postgres value: Int64) {
        let (sum, overflow) = value.addingReportingOverflow(Self.postgresEpoch)
        self.init(microseconds: value == .min ? .min : overflow ? .max : sum)
    }
}

/// `uuid`.
extension WorkerID: PostgresValue {
    package static var typeOID: UInt32 { 2950 }
    package static var arrayOID: UInt32 { 2951 }

    package func encode(into bytes: inout [UInt8]) {
        bytes.append(bigEndian: high)
        bytes.append(bigEndian: low)
    }
}

/// `uuid`.
extension AttemptID: PostgresValue {
    package static var typeOID: UInt32 { 2950 }
    package static var arrayOID: UInt32 { 2951 }

    package func encode(into bytes: inout [UInt8]) {
        bytes.append(bigEndian: high)
        bytes.append(bigEndian: low)
    }
}

extension [UInt8] {
    mutating func append(bigEndian value: some FixedWidthInteger) {
        for shift in stride(from: value.bitWidth - 8, through: 0, by: -8) {
            append(UInt8(truncatingIfNeeded: value >> shift))
        }
    }
}
