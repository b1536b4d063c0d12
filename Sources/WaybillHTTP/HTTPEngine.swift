import CCurl
package import WaybillPorts
package import WaybillReactor

/// HTTP/1.1 over libcurl, on the reactor's thread: reused connections, verified TLS, no redirects, no proxies.
///
/// A request goes out at most once, unless it is `repeatable`. Every failure says whether a byte of it may have been
/// seen. Calls beyond the limits wait in order, and then are refused; waiting counts against the total timeout. Calls to
/// hosts of very different speed are better made through engines of their own, as all share one engine's places.
///
/// An engine that was used must be shut down, before the reactor is stopped and before it is let go.
package actor HTTPEngine: HTTPTransport {
    private typealias Reply = CheckedContinuation<Result<HTTPResponse, HTTPError>, Never>

    private struct Call {
        var id: UInt64
        var request: HTTPRequest
        var began: Duration
        var reply: Reply

        var deadline: Duration { began + request.totalTimeout }
    }

    /// A call that waits for a place, and the timer of its total timeout.
    private struct Waiting {
        var call: Call
        var timer: ReactorTimer
    }

    private enum State {
        /// No call yet.
        case new
        case running(CurlMulti)
        case shutDown
    }

    package nonisolated let reactor: Reactor
    private let settings: HTTPEngineSettings
    private var state = State.new
    private var calls: UInt64 = 0
    private var active: [UInt64: (call: Call, transfer: CurlTransfer)] = [:]
    /// The calls that wait, first come first served.
    private var queue: [UInt64] = []
    private var waiting: [UInt64: Waiting] = [:]
    /// Handles to use again, at most as many as calls can be under way.
    private var idle: [CurlTransfer] = []

    package init(reactor: Reactor, settings: HTTPEngineSettings = HTTPEngineSettings()) {
        self.reactor = reactor
        self.settings = settings
    }

    package nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe reactor.asUnownedSerialExecutor() }

    /// Calls on the wire, and calls that wait for a place.
    package var load: (inFlight: Int, waiting: Int) { (active.count, waiting.count) }

    package func execute(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        try request.validate()
        calls += 1
        let (id, began) = (calls, reactor.now)
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { reply in
                admit(Call(id: id, request: request, began: began, reply: reply))
            }
        } onCancel: {
            reactor.execute { [weak self] in self?.assumeIsolated { $0.cancel(id) } }
        }
        return try result.get()
    }

    /// Ends every call with `.shutdown`, closes the connections and refuses what comes after.
    package func shutdown() {
        guard case .running(let multi) = state else {
            state = .shutDown
            return
        }
        state = .shutDown
        for id in Array(active.keys) { abandon(id, multi, .shutdown, "the HTTP engine was shut down") }
        for id in queue { endWaiting(id, .shutdown, "the HTTP engine was shut down") }
        queue = []
        idle = []
    }

    /// Runs in one piece with the task's suspension. A cancellation that came before finds no call to cancel, so it is
    /// asked for here; one that comes later runs after this.
    private func admit(_ call: Call) {
        guard !Task.isCancelled else {
            return refuse(call, .cancelled, "the call was cancelled before it began")
        }
        guard let multi = running() else {
            return refuse(call, .shutdown, "the HTTP engine was shut down")
        }
        if active.count < settings.maxInFlight {
            start(call, multi)
        } else if waiting.count < settings.maxQueued {
            wait(call)
        } else {
            refuse(call, .overloaded, "\(active.count) calls are under way and \(waiting.count) wait")
        }
    }

    private func refuse(_ call: Call, _ code: HTTPError.Code, _ message: String) {
        call.reply.resume(returning: .failure(HTTPError(code, .notSent, message)))
    }

    private func running() -> CurlMulti? {
        switch state {
        case .running(let multi): return multi
        case .shutDown: return nil
        case .new:
            let watch = SocketWatch(reactor: reactor) { [weak self] descriptor, ready in
                self?.assumeIsolated { $0.act { $0.act(on: descriptor, ready) } }
            } onTimer: { [weak self] in
                self?.assumeIsolated { $0.act { $0.actOnTimer() } }
            }
            let multi = CurlMulti(watch: watch, maxIdleConnections: settings.maxInFlight)
            state = .running(multi)
            return multi
        }
    }

    private func start(_ call: Call, _ multi: CurlMulti) {
        let time = call.deadline - reactor.now
        guard time > .zero else { return refuse(call, .timeout, "the time was over before the request began") }
        let options = CurlOptions(settings: settings, share: multi.share, watch: multi.watch)
        let transfer = idle.popLast() ?? CurlTransfer(options)
        transfer.prepare(call.request, call: call.id, time: time)
        guard multi.add(transfer) else { return refuse(call, .transport, "libcurl did not take the request") }
        active[call.id] = (call, transfer)
    }

    private func wait(_ call: Call) {
        let timer = reactor.makeTimer { [weak self] in
            self?.assumeIsolated { $0.endWaiting(call.id, .timeout, "the time was over while the request waited") }
        }
        reactor.set(timer, after: call.request.totalTimeout)
        queue.append(call.id)
        waiting[call.id] = Waiting(call: call, timer: timer)
    }

    /// Lets libcurl act, answers the calls that ended by it and starts those that waited.
    private func act(_ action: (CurlMulti) -> Void) {
        guard case .running(let multi) = state else { return }
        action(multi)
        while let (transfer, code) = multi.nextEnded() {
            guard let (call, _) = active.removeValue(forKey: transfer.call) else { continue }
            let outcome = transfer.outcome(code, roundTrip: reactor.now - call.began)
            recycle(transfer)
            call.reply.resume(returning: outcome)
        }
        startWaiting(multi)
    }

    private func startWaiting(_ multi: CurlMulti) {
        var taken = 0
        for id in queue {
            guard active.count < settings.maxInFlight else { break }
            taken += 1
            guard let next = waiting.removeValue(forKey: id) else { continue }
            reactor.remove(next.timer)
            start(next.call, multi)
        }
        queue.removeFirst(taken)
    }

    private func cancel(_ id: UInt64) {
        guard case .running(let multi) = state else { return }
        abandon(id, multi, .cancelled, "the call was cancelled")
        endWaiting(id, .cancelled, "the call was cancelled while it waited")
        startWaiting(multi)
    }

    /// Ends a call that is under way, if it still is.
    private func abandon(_ id: UInt64, _ multi: CurlMulti, _ code: HTTPError.Code, _ message: String) {
        guard let (call, transfer) = active.removeValue(forKey: id) else { return }
        let exposure = transfer.exposure
        multi.remove(transfer)
        recycle(transfer)
        call.reply.resume(returning: .failure(HTTPError(code, exposure, message)))
    }

    /// Ends a call that waits, if it still does.
    private func endWaiting(_ id: UInt64, _ code: HTTPError.Code, _ message: String) {
        guard let ended = waiting.removeValue(forKey: id) else { return }
        queue.removeAll { $0 == id }
        reactor.remove(ended.timer)
        refuse(ended.call, code, message)
    }

    private func recycle(_ transfer: CurlTransfer) {
        transfer.release()
        if idle.count < settings.maxInFlight { idle.append(transfer) }
    }
}
