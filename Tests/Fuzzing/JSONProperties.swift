import WaybillCore

/// What is accepted is written and read again as the same value; what is refused is refused at a place in the text.
enum JSONProperties {
    static func check(_ bytes: [UInt8]) {
        let first = parse(bytes)
        require(first == parse(bytes), "reading JSON twice gives the same")
        switch first {
        case .failure(let error):
            require((0...bytes.count).contains(error.offset), "a fault lies in the text", error.description)
            require(error.line >= 1 && !error.expected.isEmpty, "a fault says what was expected", error.description)
        case .success(let json):
            let written = json.encoded
            let again = parse(written)
            require(again == .success(json), "JSON that is written is read as the same value", json.description)
            require(json.encoded == written, "JSON is written one way", json.description)
        }
    }

    static func parse(_ bytes: [UInt8]) -> Result<JSON, JSONSyntaxError> {
        do throws(JSONSyntaxError) {
            return .success(try JSON.parse(bytes))
        } catch {
            return .failure(error)
        }
    }

    /// Every refusal names what is wrong and where.
    static func requireReasons(_ violations: [JSONViolation]) {
        require(!violations.isEmpty, "a refusal has a violation")
        for violation in violations {
            require(violation.path.hasPrefix("$"), "a violation has a path", violation.description)
            require(!violation.expected.isEmpty, "a violation says what was expected", violation.description)
        }
    }
}
