import Foundation

/// What is fuzzed: one program holds every target, because building it costs more than running it.
enum FuzzTarget: String, CaseIterable {
    case json, order, event, envelope, answer, template

    /// The one that `ops/fuzz` asked for.
    static let chosen: FuzzTarget = {
        let name = ProcessInfo.processInfo.environment["WAYBILL_FUZZ_TARGET"] ?? ""
        guard let target = FuzzTarget(rawValue: name) else {
            fail("WAYBILL_FUZZ_TARGET", "expected one of \(allCases.map(\.rawValue)), found '\(name)'")
        }
        return target
    }()

    func check(_ bytes: [UInt8]) {
        switch self {
        case .json: JSONProperties.check(bytes)
        case .order: OrderProperties.check(bytes)
        case .event: EventProperties.check(bytes)
        case .envelope: EnvelopeProperties.check(bytes)
        case .answer: AnswerProperties.check(bytes)
        case .template: TemplateProperties.check(bytes)
        }
    }
}

/// Asserts a property: an optimized build drops the text of a precondition, and the text is what the finder needs.
func require(_ holds: Bool, _ property: String, _ detail: @autoclosure () -> String = "") {
    guard !holds else { return }
    fail(property, detail())
}

func fail(_ property: String, _ detail: String) -> Never {
    FileHandle.standardError.write(Data("broken property: \(property)\n\(detail)\n".utf8))
    abort()
}

/// libFuzzer's entry, called once an input.
@_cdecl("LLVMFuzzerTestOneInput")
package func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    unsafe FuzzTarget.chosen.check(Array(UnsafeBufferPointer(start: start, count: count)))
    return 0
}
