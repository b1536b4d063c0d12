import ServiceLifecycle
import WaybillCluster
import WaybillReactor

/// An actor of the cluster as a service of this process: it runs on the reactor's thread, and a graceful shutdown
/// reaches it through its signal.
struct WorkerService: Service {
    let shutdown: ShutdownSignal
    let reactor: Reactor
    let body: @Sendable () async -> Void

    func run() async throws {
        await withGracefulShutdownHandler {
            await withTaskExecutorPreference(reactor.tasks) { await body() }
        } onGracefulShutdown: {
            shutdown.begin()
        }
    }
}
