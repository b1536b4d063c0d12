import WaybillCore

/// How one process reaches one service.
struct ServiceLink: Sendable {
    let machine: SimulatedMachine
    let service: SimulatedService
    /// How long an answer is waited for.
    var timeout = Duration.seconds(5)

    /// Performs `effect` at the service when the request arrives. `fault` says which error a call without answer gives.
    func call<Value: Sendable, Failure: Error>(
        _ effect: @escaping @Sendable () throws(Failure) -> Value,
        fault: @escaping @Sendable (WireFault) -> Failure
    ) async throws(Failure) -> Value {
        try await callLater(timeout: timeout, fault: fault) { answer in
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
        fault: @escaping @Sendable (WireFault) -> Failure,
        _ request: @escaping @Sendable (@escaping @Sendable (Result<Value, Failure>) -> Void) -> Void
    ) async throws(Failure) -> Value {
        let machine = machine
        let result: Result<Value, Failure>? = await machine.node.wait { answer in
            machine.network.carry(from: machine.slot, to: service, timeout: timeout, request: request) { carried in
                switch carried {
                case .success(let result): answer.give(result)
                case .failure(let error): answer.give(.failure(fault(error)))
                }
                machine.answerArrived(service)
            }
        }
        guard let result else { throw fault(.cancelled) }
        return try result.get()
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
