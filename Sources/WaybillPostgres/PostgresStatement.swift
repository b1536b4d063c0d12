/// One SQL command with its parameters: sent unnamed, planned for these parameters, results in binary.
package struct PostgresStatement: Sendable {
    package let sql: String
    private(set) var parameters = PostgresParameters()

    package init(_ sql: String) {
        self.sql = sql
    }

    /// The statement with one more parameter; nil is NULL.
    package consuming func bind<Value: PostgresValue>(_ value: Value?) -> PostgresStatement {
        parameters.append(value)
        return self
    }

    /// The statement with one more parameter, an array; nil elements are NULL.
    package consuming func bind<Value: PostgresValue>(array values: [Value?]) -> PostgresStatement {
        parameters.append(array: values)
        return self
    }
}

/// Binary parameters in one buffer, because libpq copies them on sending.
struct PostgresParameters: Sendable {
    /// The first byte belongs to nobody: it makes sure that a value of no bytes has an address, unlike NULL.
    private var bytes: [UInt8] = [0]
    /// Where each begins; a negative length is NULL.
    private var spans: [(offset: Int, length: Int)] = []
    private var types: [UInt32] = []

    mutating func append<Value: PostgresValue>(_ value: Value?) {
        types.append(Value.typeOID)
        let offset = bytes.count
        value?.encode(into: &bytes)
        spans.append((offset, value == nil ? -1 : bytes.count - offset))
    }

    /// The array format of `array_recv`: dimensions, has-null flag, element type, length, lower bound, elements.
    mutating func append<Value: PostgresValue>(array values: [Value?]) {
        types.append(Value.arrayOID)
        let offset = bytes.count
        bytes.append(bigEndian: Int32(values.isEmpty ? 0 : 1))
        bytes.append(bigEndian: Int32(values.contains { $0 == nil } ? 1 : 0))
        bytes.append(bigEndian: Value.typeOID)
        if !values.isEmpty {
            bytes.append(bigEndian: Int32(values.count))
            bytes.append(bigEndian: Int32(1))
        }
        for value in values { append(element: value) }
        spans.append((offset, bytes.count - offset))
    }

    private mutating func append(element value: (some PostgresValue)?) {
        guard let value else {
            bytes.append(bigEndian: Int32(-1))
            return
        }
        let start = bytes.count
        bytes.append(bigEndian: Int32(0))
        value.encode(into: &bytes)
        let length = bytes.count - start - 4
        for index in 0..<4 { bytes[start + index] = UInt8(truncatingIfNeeded: length >> (24 - 8 * index)) }
    }

    /// What PQsendQueryParams takes: count, types, values, lengths, formats.
    func withPointers<Answer>(
        _ body: (
            Int32, UnsafePointer<UInt32>?, UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<Int32>?,
            UnsafePointer<Int32>?
        ) -> Answer
    ) -> Answer {
        let lengths = spans.map { Int32(max(0, $0.length)) }
        let formats = spans.map { _ in Int32(1) }
        return unsafe bytes.withUnsafeBytes { buffer in
            let base = unsafe buffer.assumingMemoryBound(to: CChar.self).baseAddress
            let values = unsafe spans.map { span in
                unsafe span.length < 0 ? nil : base.map { unsafe $0 + span.offset }
            }
            return unsafe body(Int32(spans.count), types, values, lengths, formats)
        }
    }
}
