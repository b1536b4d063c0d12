import Synchronization
import Testing
import WaybillCluster
import WaybillCore
import WaybillPorts
import WaybillSimulation

/// Orders of several brands through the real actors.
@Suite(.serialized) struct BrandTests {
    private static func brands(_ names: String...) -> Set<BrandName> {
        Set([.standard] + names.compactMap(BrandName.init))
    }

    @Test func anUnknownBrandIsQuarantinedAndTheGoodOrdersOfItsBatchAreSentFromTheirBrands() throws {
        let world = TestWorld(seed: 31)
        world.orders.send(TestWorld.order("A-1"))
        world.orders.send(TestWorld.order("B-1", brand: "papeterie"))
        world.orders.send(TestWorld.order("C-1", brand: "nobody"))
        try world.run {
            await withDiscardingTaskGroup { group in
                let known = Self.brands("papeterie")
                let worker = TestWorker(world, brands: known, renderer: BrandedRenderer(known))
                group.addTask { await worker.run() }
                #expect(await world.eventually { await world.counts().finished == 2 })
                #expect(await world.eventually { await world.counts().quarantined == 1 })
                worker.shutDown()
            }
            let senders = world.mailer.acceptances.map { "\($0.email.delivery.order) \($0.email.content.from)" }
            #expect(senders.sorted() == ["A-1 default@example.com", "B-1 papeterie@example.com"])
            #expect(await world.record("C-1") == nil)
        }
    }

    @Test func aWorkerWithoutAnOrdersBrandLeavesItAndOneThatHasItSendsIt() throws {
        let world = TestWorld(seed: 32)
        world.orders.send(TestWorld.order("B-1", brand: "papeterie"))
        try world.run {
            let known = Self.brands("papeterie")
            let renderer = BrandedRenderer(Self.brands())
            await withDiscardingTaskGroup { group in
                // Takes the brand in, and has no templates for it.
                let worker = TestWorker(world, brands: known, renderer: renderer)
                group.addTask { await worker.run() }
                #expect(await world.eventually { renderer.refusals >= 2 })
                worker.shutDown()
            }
            #expect(world.mailer.requests.isEmpty)
            #expect(await world.record("B-1") == nil)
            #expect(await world.counts().ready == 1)
            await withDiscardingTaskGroup { group in
                let worker = TestWorker(world, brands: known, renderer: BrandedRenderer(known))
                group.addTask { await worker.run() }
                #expect(await world.eventually { await world.counts().finished == 1 })
                worker.shutDown()
            }
            #expect(await world.record("B-1")?.status == .sent)
            #expect(world.mailer.acceptances.count == 1)
        }
    }
}

/// Writes from the brand, and counts what it does not have.
private final class BrandedRenderer: EmailRenderer {
    private let brands: Set<BrandName>
    private let refused = Mutex(0)

    var refusals: Int { refused.withLock { $0 } }

    init(_ brands: Set<BrandName>) {
        self.brands = brands
    }

    func render(_ order: Order) async throws(RenderError) -> RenderedEmail {
        guard brands.contains(order.brand) else {
            refused.withLock { $0 += 1 }
            throw RenderError("no brand \(order.brand)", code: .unknownBrand)
        }
        let from = "\(order.brand)@example.com"
        return RenderedEmail(from: from, replyTo: nil, subject: order.id.text, html: "", text: "", template: "plain")
    }
}
