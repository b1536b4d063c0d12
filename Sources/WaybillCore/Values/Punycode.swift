/// The encoding of Unicode in host names, RFC 3492.
package enum Punycode {
    private static let base: UInt32 = 36
    private static let lowest: UInt32 = 1
    private static let highest: UInt32 = 26
    private static let skew: UInt32 = 38
    private static let damping: UInt32 = 700
    private static let firstBias: UInt32 = 72
    private static let firstCode: UInt32 = 128

    /// The label without the prefix `xn--`. Nil when a number leaves 32 bits, which no label of a legal length does.
    package static func encode(_ label: some StringProtocol) -> String? {
        let scalars = label.unicodeScalars.map(\.value)
        var output = scalars.filter { $0 < firstCode }.map { UInt8(truncatingIfNeeded: $0) }
        let basic = UInt32(output.count)
        if basic > 0 { output.append(UInt8(ascii: "-")) }
        var (code, delta, bias, handled) = (firstCode, UInt32(0), firstBias, basic)
        while handled < UInt32(scalars.count) {
            guard let next = scalars.filter({ $0 >= code }).min() else { return nil }
            let (step, tooLarge) = (next - code).multipliedReportingOverflow(by: handled + 1)
            let (advanced, overflow) = delta.addingReportingOverflow(step)
            guard !tooLarge, !overflow else { return nil }
            (delta, code) = (advanced, next)
            for scalar in scalars {
                if scalar < code { delta += 1 }
                guard scalar == code else { continue }
                write(delta, bias: bias, to: &output)
                bias = adapted(delta, count: handled + 1, first: handled == basic)
                (delta, handled) = (0, handled + 1)
            }
            (delta, code) = (delta + 1, code + 1)
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// A number as digits of variable weight.
    private static func write(_ delta: UInt32, bias: UInt32, to output: inout [UInt8]) {
        var rest = delta
        var weight = base
        while true {
            let threshold = weight <= bias ? lowest : min(weight - bias, highest)
            guard rest >= threshold else { break }
            output.append(digit(threshold + (rest - threshold) % (base - threshold)))
            rest = (rest - threshold) / (base - threshold)
            weight += base
        }
        output.append(digit(rest))
    }

    private static func adapted(_ delta: UInt32, count: UInt32, first: Bool) -> UInt32 {
        var delta = first ? delta / damping : delta / 2
        delta += delta / count
        var weight: UInt32 = 0
        while delta > (base - lowest) * highest / 2 {
            delta /= base - lowest
            weight += base
        }
        return weight + (base - lowest + 1) * delta / (delta + skew)
    }

    private static func digit(_ value: UInt32) -> UInt8 {
        UInt8(truncatingIfNeeded: value < 26 ? 0x61 + value : 0x30 + value - 26)
    }
}
