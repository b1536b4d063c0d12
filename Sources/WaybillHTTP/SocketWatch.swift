import CCurl
import Glibc
import WaybillReactor

/// What libcurl wants watched, carried over to the reactor: the target of its socket and timer callbacks. They come on
/// the reactor's thread only, from within the engine's own calls to libcurl.
final class SocketWatch {
    private let reactor: Reactor
    private let onReady: @Sendable (_ descriptor: Int32, _ events: IOEvents) -> Void
    private let timer: ReactorTimer
    /// What each socket is registered for.
    private var watched: [Int32: IOEvents] = [:]

    /// To be called on the reactor's thread.
    init(
        reactor: Reactor,
        onReady: @escaping @Sendable (_ descriptor: Int32, _ events: IOEvents) -> Void,
        onTimer: @escaping @Sendable () -> Void
    ) {
        self.reactor = reactor
        self.onReady = onReady
        timer = reactor.makeTimer(onTimer)
    }

    /// To be called on the reactor's thread, after the last call to libcurl.
    func end() {
        for descriptor in watched.keys { reactor.unregister(descriptor) }
        watched = [:]
        reactor.remove(timer)
    }

    func setTimer(milliseconds: Int) {
        reactor.set(timer, after: milliseconds < 0 ? nil : .milliseconds(milliseconds))
    }

    func watch(_ descriptor: Int32, for events: IOEvents) {
        guard watched.updateValue(events, forKey: descriptor) == nil else {
            return reactor.modify(descriptor, events)
        }
        reactor.register(descriptor, events) { [onReady] ready in onReady(descriptor, ready) }
    }

    func forget(_ descriptor: Int32) {
        guard watched.removeValue(forKey: descriptor) != nil else { return }
        reactor.unregister(descriptor)
    }

    /// libcurl 7.88 closes a socket whose connection did not come about without a word, and when the next socket gets
    /// the same number in the same breath it does not ask for it to be watched: it believes that it is. So a number
    /// that is watched when it is opened is registered anew, for what was wanted last.
    func opened(_ descriptor: Int32) {
        guard let events = watched[descriptor] else { return }
        forget(descriptor)
        watch(descriptor, for: events)
    }
}

extension SocketWatch {
    /// The callbacks' context. The watch outlives the handles that hold it: ``CurlMulti`` keeps it.
    var context: UnsafeMutableRawPointer { unsafe Unmanaged.passUnretained(self).toOpaque() }

    private static func at(_ context: UnsafeMutableRawPointer?) -> SocketWatch {
        guard let context = unsafe context else { preconditionFailure("libcurl lost a callback's context") }
        return unsafe Unmanaged<SocketWatch>.fromOpaque(context).takeUnretainedValue()
    }

    static let socketCallback: ccurl_socket_callback = { _, descriptor, what, context, _ in
        let watch = unsafe at(context)
        switch what {
        case CURL_POLL_IN: watch.watch(descriptor, for: .read)
        case CURL_POLL_OUT: watch.watch(descriptor, for: .write)
        case CURL_POLL_INOUT: watch.watch(descriptor, for: [.read, .write])
        default: watch.forget(descriptor)
        }
        return 0
    }

    static let timerCallback: ccurl_timer_callback = { _, milliseconds, context in
        unsafe at(context).setTimer(milliseconds: milliseconds)
        return 0
    }

    static let openCallback: ccurl_open_callback = { context, _, address in
        guard let address = unsafe address else { return CURL_SOCKET_BAD }
        let type = unsafe address.pointee.socktype | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = unsafe socket(address.pointee.family, type, address.pointee.protocol)
        if descriptor >= 0 { unsafe at(context).opened(descriptor) }
        return descriptor
    }

    static let closeCallback: ccurl_close_callback = { context, descriptor in
        // The number may be in use again at once, so it must have left the reactor before.
        unsafe at(context).forget(descriptor)
        return close(descriptor)
    }
}
