import Testing
import WaybillAWS
import WaybillCore
import WaybillPorts

@Suite struct LocalNoticeTests {
    @Test func whatIsPublishedToTheStatusTopicReachesItsSubscriber() async throws {
        try await LocalAWS.run { local in
            let setup = local.services.setup()
            let arn = try await setup.topic(named: LocalAWS.name("status"))
            let dead = try await local.makeQueue(topicARNs: [arn])
            let address = try await local.makeQueue(topicARNs: [arn])
            _ = try await setup.subscription(of: address.arn, to: arn, raw: true, deadLetterQueueARN: dead.arn)
            let texts = (1...23).map { "{\"id\":\"order-confirmation/\($0)#30\"}" }
            let faults = await SNSNoticeTopic(local.services.topic(arn: arn)).publish(texts)
            #expect(faults == texts.map { _ in nil })
            let queue = local.services.queue(url: address.url)
            var bodies: Set<String> = []
            for _ in 1...23 where bodies.count < texts.count {
                let messages = try await queue.receive(limit: 10, wait: .seconds(5))
                bodies.formUnion(messages.map(\.body))
                #expect(try await queue.delete(messages.map(\.receipt)).isEmpty)
            }
            #expect(bodies == Set(texts))
        }
    }

    @Test func aTopicThatIsNotThereIsAFaultOfEveryText() async throws {
        try await LocalAWS.run { local in
            let arn = try await local.services.setup().topic(named: LocalAWS.name("status"))
            let topic = SNSNoticeTopic(local.services.topic(arn: "\(arn)-gone"))
            let faults = await topic.publish((1...12).map { "text \($0)" })
            #expect(faults.count == 12)
            #expect(faults.allSatisfy { $0 != nil })
        }
    }
}
