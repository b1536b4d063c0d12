import Testing
import WaybillAWS
import WaybillConformance
import WaybillCore
import WaybillPorts

@Suite struct LocalConformanceTests {
    @Test(arguments: DeliveryLedgerConformance.cases)
    func theTableConforms(to demand: DeliveryLedgerConformance.Case) async throws {
        try await LocalAWS.run { local in
            let table = LocalAWS.name("deliveries")
            _ = try await local.services.setup().deliveriesTable(named: table)
            try await demand.check(local.services.ledger(table: table))
        }
    }

    @Test(arguments: MessageQueueConformance.cases)
    func theQueueConforms(to demand: MessageQueueConformance.Case) async throws {
        try await LocalAWS.run { local in
            let address = try await local.makeQueue(visibility: MessageQueueSubject.visibility)
            let queue = local.services.queue(url: address.url)
            try await demand.check(MessageQueueSubject(queue: queue, send: { try await queue.send($0) }))
        }
    }
}
