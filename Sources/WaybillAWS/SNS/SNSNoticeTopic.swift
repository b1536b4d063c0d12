import WaybillPorts

/// The topic `delivery-status`.
package struct SNSNoticeTopic: NoticeTopic {
    private let topic: SNSTopic

    package init(_ topic: SNSTopic) {
        self.topic = topic
    }

    /// One request for each ten, so that a refused one does not take the others with it.
    package func publish(_ texts: [String]) async -> [String?] {
        var faults: [String?] = []
        while faults.count < texts.count {
            let batch = Array(texts[faults.count...].prefix(SNSTopic.batchSize))
            do throws(AWSError) {
                faults += try await topic.publish(batch: batch).map(\.fault)
            } catch {
                // The rest would meet the same: it comes again.
                faults += texts[faults.count...].map { _ in error.description }
            }
        }
        return faults
    }
}

extension SNSTopic.Outcome {
    fileprivate var fault: String? {
        switch self {
        case .published: nil
        case .failed(let reason, mayBeTriedAgain: _): reason
        }
    }
}
