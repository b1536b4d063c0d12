/// Stands in for swift-crypto, whose C takes minutes to build: the templates take a version's eight digits from it and
/// nothing else that is fuzzed calls it.
package enum SHA256 {
    package static func hash(data: some Collection<UInt8>) -> [UInt8] {
        // FNV-1a.
        let hash = data.reduce(UInt64(0xcbf2_9ce4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        return (0..<32).map { UInt8(truncatingIfNeeded: hash >> UInt64($0 % 8 * 8)) }
    }
}
