package import WaybillCore
import WaybillPorts

/// A service's answer to a call that it performed: a 2xx.
package struct AWSAnswer: Hashable, Sendable {
    package let status: Int
    package let requestID: String?
    package let body: [UInt8]

    /// The body as JSON; an empty one is an empty object. An undecodable answer says nothing about what happened.
    package func json() throws(AWSError) -> JSON {
        guard !body.isEmpty else { return .object([]) }
        do throws(JSONSyntaxError) {
            return try JSON.parse(body)
        } catch {
            throw undecodable(error.description)
        }
    }

    /// The body as XML.
    package func xml() throws(AWSError) -> XMLElement {
        do throws(XMLSyntaxError) {
            return try XMLElement(body)
        } catch {
            throw undecodable(error.description)
        }
    }

    func undecodable(_ reason: String) -> AWSError {
        AWSError(
            .unanswered,
            "the answer cannot be read: \(reason)",
            status: status,
            requestID: requestID,
            exposure: .maybeSent
        )
    }
}

extension AWSAnswer {
    /// Statuses and error types by which a service says that it does not know what became of a request.
    private static let inconclusiveTypes: Set<String> = [
        "RequestTimeout", "RequestTimeoutException", "RequestAbortedException", "RequestAborted",
    ]

    /// Accepts a 2xx and throws for everything else. A refusal is definite only with an error type of the service and
    /// its request id (DESIGN T4): a 4xx of something in between says nothing about the service.
    init(_ response: HTTPResponse) throws(AWSError) {
        let header = response.header("x-amzn-RequestId") ?? response.header("x-amz-request-id")
        guard !(200..<300).contains(response.status) else {
            self.init(status: response.status, requestID: header, body: response.body)
            return
        }
        let failure = ServiceFailure(response)
        let requestID = header ?? failure.requestID
        let isDefinite =
            (400..<500).contains(response.status) && response.status != 408 && !failure.type.isEmpty
            && requestID != nil && !Self.inconclusiveTypes.contains(failure.type)
        throw AWSError(
            isDefinite ? .refused : .unanswered,
            type: failure.type,
            isDefinite || !failure.message.isEmpty ? failure.message : failure.lack(requestID: requestID),
            status: response.status,
            requestID: requestID,
            exposure: .maybeSent,
            detail: failure.detail
        )
    }
}

/// An error answer of any of the protocols. What cannot be read leaves its fields empty.
private struct ServiceFailure {
    var type = ""
    var message = ""
    var requestID: String?
    var detail: JSON?

    init(_ response: HTTPResponse) {
        if let header = response.header("x-amzn-ErrorType") { type = Self.bareName(header) }
        let first = response.body.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
        switch first {
        case UInt8(ascii: "{"): readJSON(response.body)
        case UInt8(ascii: "<"): readXML(response.body)
        default: break
        }
    }

    /// What an answer without words lacks; a proxy's has neither.
    func lack(requestID: String?) -> String {
        switch (type.isEmpty, requestID == nil) {
        case (true, true): "an answer without an error type and a request id, perhaps not the service's own"
        case (true, false): "an answer without an error type"
        case (false, true): "an answer without a message and a request id"
        case (false, false): "an answer without a message"
        }
    }

    private mutating func readJSON(_ body: [UInt8]) {
        do throws(JSONSyntaxError) {
            let json = try JSON.parse(body)
            detail = json
            message = json["message"]?.text ?? json["Message"]?.text ?? ""
            if type.isEmpty, let name = json["__type"]?.text ?? json["code"]?.text ?? json["Code"]?.text {
                type = Self.bareName(name)
            }
        } catch {
            message = "the error cannot be read: \(error)"
        }
    }

    private mutating func readXML(_ body: [UInt8]) {
        do throws(XMLSyntaxError) {
            let root = try XMLElement(body)
            let error = root["Error"] ?? root["Errors"]?["Error"]
            message = error?["Message"]?.text ?? ""
            requestID = root["RequestId"]?.text ?? root["RequestID"]?.text
            if type.isEmpty, let code = error?["Code"]?.text { type = Self.bareName(code) }
        } catch {
            message = "the error cannot be read: \(error)"
        }
    }

    /// `com.amazonaws.sqs#QueueDoesNotExist:http://…` is `QueueDoesNotExist`. (Smithy, restJson1 and awsJson1_0: the
    /// namespace before `#` and whatever follows `:` are to be dropped.)
    private static func bareName(_ text: String) -> String {
        let beforeColon = text.prefix { $0 != ":" }
        let start = beforeColon.lastIndex(of: "#").map { beforeColon.index(after: $0) } ?? beforeColon.startIndex
        return String(beforeColon[start...].trimmingBlanks)
    }
}
