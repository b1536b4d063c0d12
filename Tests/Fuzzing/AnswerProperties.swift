import WaybillCore
import WaybillPorts

@testable import WaybillAWS

/// Input: a byte for the status, a byte for the headers, and the body. Only a service's own 4xx is a definite refusal, and
/// an answer never becomes larger than it was.
enum AnswerProperties {
    private static let statuses = [200, 204, 302, 400, 403, 404, 408, 413, 429, 500, 502, 503]
    /// The deepest that the parser lets elements lie in each other.
    private static let deepest = 32

    static func check(_ bytes: [UInt8]) {
        guard bytes.count >= 2 else { return }
        let body = Array(bytes[2...])
        let response = HTTPResponse(
            status: statuses[Int(bytes[0]) % statuses.count],
            headers: headers(bytes[1]),
            body: body,
            reusedConnection: false,
            roundTrip: .zero
        )
        let first = read(response)
        require(first == read(response), "reading an answer twice gives the same")
        switch first {
        case .success(let answer):
            require((200..<300).contains(answer.status), "only a 2xx is an answer")
            checkDecoding(answer)
        case .failure(let error): checkFailure(error, response)
        }
        checkXML(body)
    }

    private static func headers(_ flags: UInt8) -> [HTTPHeader] {
        (flags & 1 == 0 ? [] : [HTTPHeader("X-Amzn-RequestId", "r-1")])
            + (flags & 2 == 0 ? [] : [HTTPHeader("x-amzn-errortype", "com.amazonaws#MessageRejected:http://x/")])
    }

    private static func read(_ response: HTTPResponse) -> Result<AWSAnswer, AWSError> {
        do throws(AWSError) {
            return .success(try AWSAnswer(response))
        } catch {
            return .failure(error)
        }
    }

    private static func checkFailure(_ error: AWSError, _ response: HTTPResponse) {
        require(!(200..<300).contains(response.status), "a 2xx is no failure", error.description)
        require(error.exposure == .maybeSent, "who answered has seen the request", error.description)
        require(
            error.code == .refused || error.code == .unanswered,
            "an answer refuses or leaves open",
            error.description
        )
        guard error.code == .refused else { return }
        require((400..<500).contains(response.status), "only a 4xx refuses", error.description)
        require(!error.type.isEmpty && error.requestID != nil, "who refuses is the service", error.description)
    }

    private static func checkDecoding(_ answer: AWSAnswer) {
        do throws(AWSError) {
            _ = try answer.json()
        } catch {
            require(error.code == .unanswered, "an undecodable answer says nothing", error.description)
        }
    }

    private static func checkXML(_ body: [UInt8]) {
        do throws(XMLSyntaxError) {
            let size = measure(try XMLElement(body), depth: 1)
            // An element takes four bytes at least, `<a/>`; a byte that is no UTF-8 becomes three.
            require(size.elements * 4 <= body.count, "XML has no more elements than tags")
            require(size.bytes <= body.count * 3, "XML does not grow")
        } catch {
            require((0...body.count).contains(error.offset), "a fault lies in the text", error.description)
            require(!error.expected.isEmpty, "a fault says what was expected")
        }
    }

    private static func measure(_ element: XMLElement, depth: Int) -> (elements: Int, bytes: Int) {
        require(depth <= deepest, "elements nest no deeper than the parser's limit")
        require(!element.name.isEmpty, "an element has a name")
        var size = (elements: 1, bytes: element.name.utf8.count + element.text.utf8.count)
        for child in element.children {
            let inner = measure(child, depth: depth + 1)
            size.elements += inner.elements
            size.bytes += inner.bytes
        }
        return size
    }
}
