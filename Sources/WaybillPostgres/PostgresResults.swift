import CPostgres
package import WaybillCore
package import WaybillPorts

/// The results of a call, one per statement. They live as long as the closure that decodes them, on the connection's
/// actor: no pointer of libpq leaves it.
package struct PostgresResults: ~Copyable {
    private let results: [ResultHandle]

    // Inlined, it crashes the optimizer of Swift 6.3.1 ("cannot initialize a nonCopyable type with a guaranteed value").
    @inline(never)
    init(_ results: [ResultHandle]) {
        self.results = results
    }

    /// How many rows a statement returned.
    package func count(statement: Int = 0) -> Int { unsafe Int(PQntuples(results[statement].pointer)) }

    /// Decodes each row of a statement. A row is read column by column, in the order of the select list.
    package func map<Value>(
        statement: Int = 0,
        _ decode: (inout PostgresRow) throws(StoreError) -> Value
    ) throws(StoreError) -> [Value] {
        var values: [Value] = []
        values.reserveCapacity(count(statement: statement))
        for index in 0..<count(statement: statement) {
            var row = PostgresRow(results[statement], row: index)
            values.append(try decode(&row))
        }
        return values
    }

    /// Decodes the only row of a statement.
    package func one<Value>(
        statement: Int = 0,
        _ decode: (inout PostgresRow) throws(StoreError) -> Value
    ) throws(StoreError) -> Value {
        guard let value = try map(statement: statement, decode).first else {
            throw StoreError(.rejected, "a statement that returns one row returned none")
        }
        return value
    }
}

/// A row, read from left to right.
@safe package struct PostgresRow: ~Copyable {
    private let result: ResultHandle
    private let row: Int32
    private var column: Int32 = 0

    init(_ result: ResultHandle, row: Int) {
        self.result = result
        self.row = Int32(row)
    }

    package mutating func int64() throws(StoreError) -> Int64 {
        try required { row throws(StoreError) in try row.optionalInt64() }
    }
    package mutating func int32() throws(StoreError) -> Int {
        try required { row throws(StoreError) in try row.optionalInt32() }
    }
    package mutating func text() throws(StoreError) -> String {
        try required { row throws(StoreError) in try row.optionalText() }
    }
    package mutating func bytes() throws(StoreError) -> [UInt8] {
        try required { row throws(StoreError) in row.optionalBytes() }
    }
    package mutating func timestamp() throws(StoreError) -> Timestamp {
        try required { row throws(StoreError) in try row.optionalTimestamp() }
    }

    package mutating func bool() throws(StoreError) -> Bool { try bytes() == [1] }

    package mutating func optionalInt64() throws(StoreError) -> Int64? {
        try optionalInteger(bytes: 8)
    }

    package mutating func optionalInt32() throws(StoreError) -> Int? {
        try optionalInteger(bytes: 4).map { Int(Int32(truncatingIfNeeded: $0)) }
    }

    package mutating func optionalTimestamp() throws(StoreError) -> Timestamp? {
        try optionalInt64().map { Timestamp(postgres: $0) }
    }

    package mutating func optionalText() throws(StoreError) -> String? {
        guard let bytes = optionalBytes() else { return nil }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw mismatch("text is not UTF-8") }
        return text
    }

    /// The two halves of a uuid.
    package mutating func optionalUUID() throws(StoreError) -> (high: UInt64, low: UInt64)? {
        guard let bytes = optionalBytes() else { return nil }
        guard bytes.count == 16 else { throw mismatch("a uuid has \(bytes.count) bytes") }
        return (bytes[..<8].bigEndian, bytes[8...].bigEndian)
    }

    /// The elements of a one-dimensional text array.
    package mutating func textArray() throws(StoreError) -> [String] {
        let bytes = try bytes()
        guard bytes.count >= 20 else { return [] }
        var elements: [String] = []
        var position = 20
        while position + 4 <= bytes.count {
            let length = Int(bytes[position..<position + 4].bigEndian)
            position += 4
            guard position + length <= bytes.count,
                let text = String(validating: bytes[position..<position + length], as: UTF8.self)
            else { throw mismatch("an array of text has a null or a broken element") }
            elements.append(text)
            position += length
        }
        return elements
    }

    package mutating func optionalBytes() -> [UInt8]? {
        defer { column += 1 }
        guard unsafe PQgetisnull(result.pointer, row, column) == 0,
            let value = unsafe PQgetvalue(result.pointer, row, column)
        else { return nil }
        let length = unsafe Int(PQgetlength(result.pointer, row, column))
        return unsafe Array(UnsafeRawBufferPointer(start: value, count: length))
    }

    private mutating func optionalInteger(bytes expected: Int) throws(StoreError) -> Int64? {
        guard let bytes = optionalBytes() else { return nil }
        guard bytes.count == expected else { throw mismatch("an integer of \(expected) bytes has \(bytes.count)") }
        return Int64(bitPattern: bytes[...].bigEndian)
    }

    private mutating func required<Value>(
        _ read: (inout PostgresRow) throws(StoreError) -> Value?
    ) throws(StoreError) -> Value {
        guard let value = try read(&self) else { throw mismatch("an unexpected NULL") }
        return value
    }

    package func mismatch(_ what: String) -> StoreError {
        StoreError(.rejected, "column \(column) of a result: \(what); schema and program do not belong together")
    }
}

extension ArraySlice<UInt8> {
    fileprivate var bigEndian: UInt64 { reduce(0) { $0 << 8 | UInt64($1) } }
}
