import WaybillCore
import WaybillPorts

/// Where the next claim begins to look for jobs. Entries of the queue's index that were claimed stay in it until a vacuum takes
/// them, which an open transaction prevents, so a claim that begins at the start of the index reads past all of them.
///
/// A claim goes on behind the last one. Once a second it looks a little further back, for jobs that were committed late. A full
/// look finds the rest, those with an old time that are free again; it is due every second too, but takes a fiftieth of the
/// time at most, and comes at once when this worker knows of such jobs.
package struct ClaimLook: Hashable, Sendable {
    package struct Timing: Hashable, Sendable {
        /// How often claims look further back than behind the last one.
        package var interval: Duration
        /// How far back, in the time since which jobs are due.
        package var margin: Duration
        /// Full looks take so little of the time, one part of this, unless they are ``latest``.
        package var share: Int
        /// The longest time between two full looks.
        package var latest: Duration

        package init(
            interval: Duration = .seconds(1),
            margin: Duration = .seconds(2),
            share: Int = 50,
            latest: Duration = .seconds(60)
        ) {
            self.interval = interval
            self.margin = margin
            self.share = share
            self.latest = latest
        }
    }

    /// What a claim reads.
    enum Depth: Hashable, Sendable {
        case onward, recent, full
    }

    /// A claim that is under way.
    struct Step: Hashable, Sendable {
        let depth: Depth
        /// Jobs that sort behind it are looked at; nil for all.
        let watermark: JobWatermark?
        fileprivate let begun: Duration
    }

    private let timing: Timing
    /// The last key that was claimed.
    private var position: JobWatermark?
    /// Up to here everything was looked at.
    private var mark: JobWatermark?
    private var nextRecent = Duration.zero
    private var nextFull = Duration.zero
    /// What the last claim took that was not a full look.
    private var usual: Duration?

    package init(timing: Timing) {
        self.timing = timing
    }

    /// The claim that is to be made now.
    func next(now: Duration) -> Step {
        guard let mark, let position, now < nextFull else { return Step(depth: .full, watermark: nil, begun: now) }
        guard now >= nextRecent else { return Step(depth: .onward, watermark: position, begun: now) }
        let back = JobWatermark(
            priority: mark.priority,
            runAt: mark.runAt - timing.margin,
            id: .min
        )
        return Step(depth: .recent, watermark: min(back, position), begun: now)
    }

    /// The claim was answered; `last` is the key of its last job, nil when there was none.
    mutating func ended(_ step: Step, last: JobWatermark?, now: Duration) {
        let took = now - step.begun
        if step.depth == .full {
            // What every claim takes is no price of this one's depth.
            let cost = max(.zero, took - (usual ?? .zero))
            nextFull = step.begun + min(max(timing.interval, cost * timing.share), timing.latest)
        } else {
            usual = took
        }
        if step.depth != .onward { nextRecent = step.begun + timing.interval }
        guard let last else { return }
        position = last
        mark = step.depth == .full ? last : mark.map { max($0, last) } ?? last
    }

    /// There may be jobs anywhere: the next claim is a full look.
    mutating func forget() { nextFull = .zero }
}
