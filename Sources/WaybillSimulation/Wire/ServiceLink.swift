import WaybillCore
import WaybillPorts

/// How one process reaches one service.
struct ServiceLink: Sendable {
    let machine: SimulatedMachine
    let service: SimulatedService
    /// How long an answer is waited for.
    var timeout = Duration.seconds(5)
    /// Hears what calls used; nil in a world without meters.
    var usage: (any UsageSink)?

    /// Performs `effect` at the service when the request arrives. `fault` says which error a call without answer gives. `used` says
    /// what the process takes the call to have used, from its answer: of a call without one it knows nothing.
    func call<Value: Sendable, Failure: Error>(
        _ effect: @escaping @Sendable () throws(Failure) -> Value,
        used: @escaping @Sendable (Value) -> [Usage] = { _ in [] },
        fault: @escaping @Sendable (WireFault) -> Failure
    ) async throws(Failure) -> Value {
        try await callLater(timeout: timeout, used: used, fault: fault) { answer in
            do throws(Failure) {
                answer(.success(try effect()))
            } catch {
                answer(.failure(error))
            }
        }
    }

    /// The same for a service that answers later: a long poll.
    func callLater<Value: Sendable, Failure: Error>(
        timeout: Duration,
        used: @escaping @Sendable (Value) -> [Usage] = { _ in [] },
        fault: @escaping @Sendable (WireFault) -> Failure,
        _ request: @escaping @Sendable (@escaping @Sendable (Result<Value, Failure>) -> Void) -> Void
    ) async throws(Failure) -> Value {
        let (machine, usage) = (machine, usage)
        let result: Result<Value, Failure>? = await machine.node.wait { answer in
            machine.network.carry(from: machine.slot, to: service, timeout: timeout, request: request) { carried in
                switch carried {
                case .success(let result):
                    // An answer that nobody waited for is not known to anybody.
                    guard answer.give(result), let usage, case .success(let value) = result else { break }
                    for use in used(value) { usage.used(use) }
                case .failure(let error): answer.give(.failure(fault(error)))
                }
                machine.answerArrived(service)
            }
        }
        guard let result else { throw fault(.cancelled) }
        return try result.get()
    }
}

extension Usage {
    /// A request of a service that bills by payload, of so many bytes.
    static func request(_ meter: Meter, of resource: String, bytes: Int = 0, chunk: Int? = RequestCharge.chunkBytes)
        -> Usage
    {
        let requests = RequestCharge(meter, of: resource, chunk: chunk).requests(sent: bytes, received: 0)
        return Usage(meter, of: resource, thousandths: requests * 1000)
    }
}

/// One process on its machine: the node, and the place in the network that a restart keeps.
struct SimulatedMachine: Sendable {
    let node: SimulatedNode
    let slot: Int
    let network: SimulatedNetwork
    let witness: Witness
    /// An answer has reached the process, and its code has not run yet: the worst moment for a fault.
    let answerArrived: @Sendable (SimulatedService) -> Void
}
