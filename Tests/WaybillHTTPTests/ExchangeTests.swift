import Testing
import WaybillHTTP
import WaybillPorts
import WaybillReactor
import WaybillTestServer

@Suite(.timeLimit(.minutes(1)))
struct ExchangeTests {
    private static let answersAll: TestServer.Script = { connection in
        while true {
            try connection.request()
            try connection.respond()
        }
    }

    @Test func theRequestArrivesAsItWasGivenAndNothingIsAdded() async throws {
        try await withEngine(serving: Self.answersAll) { engine, server in
            let response = try await engine.post("\(server.url)a/../b%2Fc//d?x=%20&y") {
                $0.headers = [
                    HTTPHeader("X-Amz-Date", "20261123T232545Z"), HTTPHeader("content-type", "application/json"),
                    HTTPHeader("X-Empty", ""), HTTPHeader("X-Twice", "1"), HTTPHeader("X-Twice", "2"),
                ]
                $0.body = Array("{\"name\":\"Zoë\"}".utf8)
            }
            let request = try #require(server.requests.first)
            #expect(response.status == 200)
            #expect(request.line == "POST /a/../b%2Fc//d?x=%20&y HTTP/1.1")
            #expect(
                Set(request.headers) == [
                    "Host: 127.0.0.1:\(server.port)", "X-Amz-Date: 20261123T232545Z", "content-type: application/json",
                    "X-Empty:", "X-Twice: 1", "X-Twice: 2", "Content-Length: 15",
                ]
            )
            #expect(request.body == Array("{\"name\":\"Zoë\"}".utf8))
        }
    }

    @Test(arguments: ["GET", "DELETE", "PUT", "POST", "PATCH", "OPTIONS"])
    func aRequestWithoutABody(method: String) async throws {
        try await withEngine(serving: Self.answersAll) { engine, server in
            // The first leaves a body and a method behind, which must not appear in the second.
            _ = try await engine.post(server.url)
            let response = try await engine.execute(HTTPRequest(method: method, url: server.url))
            #expect(response.status == 200)
            let request = try #require(server.requests.last)
            #expect(request.method == method)
            #expect(request.body.isEmpty)
            let announcesLength = ["PUT", "POST", "PATCH"].contains(method)
            #expect(request.headers.contains("Content-Length: 0") == announcesLength)
        }
    }

    @Test func theAnswerToHeadHasALengthAndNoBody() async throws {
        let script: TestServer.Script = { connection in
            for _ in 0..<2 {
                try connection.request()
                try connection.send("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
            }
        }
        try await withEngine(serving: script) { engine, server in
            for _ in 0..<2 {
                let response = try await engine.execute(
                    HTTPRequest(method: "HEAD", url: server.url, maxResponseBytes: 10)
                )
                #expect(response.header("content-length") == "1000000")
                #expect(response.body.isEmpty)
            }
            #expect(server.connectionCount == 1)
        }
    }

    @Test func everyHeaderOfTheLastAnswerIsReturnedInOrder() async throws {
        let script: TestServer.Script = { connection in
            try connection.request()
            try connection.send("HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n")
            try connection.respond(
                "no",
                status: "429 Slow Down",
                headers: ["X-A: 1", "x-a: 2", "Retry-After:  7 ", "X-B:"]
            )
        }
        try await withEngine(serving: script) { engine, server in
            let response = try await engine.post(server.url)
            #expect(response.status == 429)
            #expect(
                response.headers == [
                    HTTPHeader("Content-Length", "2"), HTTPHeader("X-A", "1"), HTTPHeader("x-a", "2"),
                    HTTPHeader("Retry-After", "7"), HTTPHeader("X-B", ""),
                ]
            )
            #expect(response.header("X-a") == "1")
            #expect(response.body == Array("no".utf8))
        }
    }

    @Test func aRedirectIsAnAnswerLikeAnyOther() async throws {
        let script: TestServer.Script = { connection in
            while true {
                try connection.request()
                try connection.respond(status: "307 Temporary Redirect", headers: ["Location: /elsewhere"])
            }
        }
        try await withEngine(serving: script) { engine, server in
            let response = try await engine.post(server.url)
            #expect(response.status == 307)
            #expect(response.header("location") == "/elsewhere")
            #expect(server.requests.count == 1)
        }
    }

    @Test func aChunkedAnswerIsPutTogether() async throws {
        let script: TestServer.Script = { connection in
            while true {
                try connection.request()
                try connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
                for chunk in ["5\r\nwaybi", "\r\n2;note=1\r\nll\r\n", "0\r\nX-Trailer: 1\r\n\r\n"] {
                    try connection.send(chunk)
                }
            }
        }
        try await withEngine(serving: script) { engine, server in
            for _ in 0..<2 {
                let response = try await engine.get(server.url)
                #expect(response.body == Array("waybill".utf8))
                #expect(response.header("X-Trailer") == nil)
            }
            #expect(server.connectionCount == 1)
        }
    }

    @Test func anAnswerWithoutALengthEndsWithItsConnection() async throws {
        let script: TestServer.Script = { connection in
            try connection.request()
            try connection.send("HTTP/1.1 200 OK\r\n\r\nall of it")
            connection.close()
        }
        try await withEngine(serving: script) { engine, server in
            let response = try await engine.get(server.url)
            #expect(response.body == Array("all of it".utf8))
        }
    }

    @Test func aConnectionIsUsedAgain() async throws {
        try await withEngine(serving: Self.answersAll) { engine, server in
            for number in 1...10 {
                let response = try await engine.post(server.url)
                #expect(response.reusedConnection == (number > 1))
                #expect(response.roundTrip > .zero && response.roundTrip < .seconds(10))
            }
            #expect(server.connectionCount == 1)
            #expect(server.requests.count == 10)
        }
    }

    @Test func manyCallsAtOnceAreAllAnsweredWithTheirOwnBodies() async throws {
        let script: TestServer.Script = { connection in
            while true {
                let request = try connection.request()
                try connection.respond(String(decoding: request.body, as: UTF8.self))
            }
        }
        try await withEngine(HTTPEngineSettings(maxInFlight: 8), serving: script) { engine, server in
            await withTaskGroup(of: Void.self) { group in
                for number in 0..<500 {
                    group.addTask(executorPreference: engine.reactor.tasks) {
                        do {
                            let body = Array("order \(number)".utf8)
                            let response = try await engine.post(server.url) { $0.body = body }
                            #expect(response.body == body)
                        } catch {
                            Issue.record(error)
                        }
                    }
                }
            }
            #expect(server.requests.count == 500)
            #expect(server.connectionCount <= 8)
        }
    }

    @Test func largeBodiesGoBothWays() async throws {
        let large = [UInt8](repeating: UInt8(ascii: "x"), count: 3 << 20)
        let script: TestServer.Script = { connection in
            let request = try connection.request()
            try connection.respond(String(decoding: request.body, as: UTF8.self))
        }
        try await withEngine(serving: script) { engine, server in
            let response = try await engine.post(server.url) { $0.body = large }
            #expect(response.body == large)
        }
    }

    /// Without a race: libcurl sees that the idle connection is closed before it uses it.
    @Test func aRepeatableGetSucceedsAfterTheServerClosedTheIdleConnection() async throws {
        let script: TestServer.Script = { connection in
            try connection.request()
            try connection.respond()
            connection.close()
        }
        try await withEngine(serving: script) { engine, server in
            for number in 1...5 {
                let response = try await engine.get(server.url) { $0.repeatable = true }
                #expect(response.status == 200)
                #expect(server.requests.count == number)
            }
        }
    }
}
