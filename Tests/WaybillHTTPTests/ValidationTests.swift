import Testing
import WaybillHTTP
import WaybillPorts
import WaybillTestServer

struct ValidationTests {
    private func request(_ change: (inout HTTPRequest) -> Void) -> HTTPRequest {
        var request = HTTPRequest(method: "POST", url: "https://email.us-east-1.amazonaws.com/v2/email")
        change(&request)
        return request
    }

    private func isRefused(_ change: (inout HTTPRequest) -> Void) -> Bool {
        do throws(HTTPError) {
            try request(change).validate()
            return false
        } catch {
            return error.code == .invalidRequest && error.exposure == .notSent
        }
    }

    @Test(arguments: ["a\r\nX-Evil: 1", "a\nb", "a\rb", "a\u{0}b", "a\u{7F}", "\u{1B}[2J"])
    func aHeaderValueWithAControlCharacterIsRefused(value: String) {
        #expect(isRefused { $0.headers = [HTTPHeader("X-Subject", value)] })
    }

    @Test(arguments: ["", "a b", "a:b", "a\r\nb", "naïve", "a(b)"])
    func aHeaderNameThatIsNoTokenIsRefused(name: String) {
        #expect(isRefused { $0.headers = [HTTPHeader(name, "1")] })
    }

    @Test(arguments: ["Transfer-Encoding", "connection", "Expect", "Upgrade", "TE"])
    func aHeaderOfTheFramingIsRefused(name: String) {
        #expect(isRefused { $0.headers = [HTTPHeader(name, "chunked")] })
    }

    @Test func aContentLengthMustBeTheBodys() {
        #expect(isRefused { $0.headers = [HTTPHeader("Content-Length", "3")] })
        #expect(!isRefused { $0.headers = [HTTPHeader("content-length", "0")] })
    }

    @Test(arguments: [
        "", "example.com", "ftp://example.com/", "file:///etc/passwd", "http://", "http:///path", "https://a b/",
        "http://example.com/a b", "http://example.com/\r\nX: 1", "http://exämple.com/", "http://user:word@example.com/",
    ])
    func anURLThatIsNotPlainHTTPIsRefused(url: String) {
        #expect(isRefused { $0.url = url })
    }

    @Test(arguments: ["", "get", "GE T", "GET\r\n", "CONNECT"])
    func aMethodThatIsNoWordInCapitalsIsRefused(method: String) {
        #expect(isRefused { $0.method = method })
    }

    @Test func ordinaryRequestsPass() {
        #expect(!isRefused { _ in })
        #expect(!isRefused { $0.url = "HTTP://127.0.0.1:4566/queue?a=%40&b@c" })
        #expect(!isRefused { $0.headers = [HTTPHeader("X-Name", "tab\tand Zoë")] })
    }

    @Test func nothingIsSentOfARequestThatIsRefused() async throws {
        try await withEngine(serving: { try $0.waitForClose() }) { engine, server in
            let error = await failure {
                try await engine.post(server.url) { $0.headers = [HTTPHeader("X-Subject", "a\r\nX-Evil: 1")] }
            }
            #expect(error?.code == .invalidRequest)
            #expect(error?.exposure == .notSent)
            #expect(server.connectionCount == 0)
        }
    }
}
