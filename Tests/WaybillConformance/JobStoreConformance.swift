/// What every job store must do, with the worker registry, the quarantine and the suppressions that share its tables.
package enum JobStoreConformance {
    package typealias Case = ConformanceCase<JobStoreSubject>

    package static let cases: [Case] =
        enqueueing + claiming + settling + doubt + workers + quarantine
        + operators + standingOrders + requeueing + copying + noticing + leading + fenced + suppressing + mirroring
        + found
}
