import Glibc

/// The library of `ops/tripwire`, when this process was started with it: between arming and disarming, the real clock,
/// real chance and new threads end the process if the thread that armed it asks for them.
struct Tripwire: Sendable {
    static let names = (arm: "waybill_tripwire_arm", disarm: "waybill_tripwire_disarm")

    let arm: @Sendable () -> Void
    let disarm: @Sendable () -> Void

    /// Nil when the library is not loaded.
    static func loaded() -> Tripwire? {
        guard let arm = function(names.arm), let disarm = function(names.disarm) else { return nil }
        return Tripwire(arm: { arm() }, disarm: { disarm() })
    }

    private typealias Function = @convention(c) @Sendable () -> Void

    private static func function(_ name: String) -> Function? {
        // RTLD_DEFAULT, which Swift does not import: every library of the process.
        guard let symbol = unsafe dlsym(nil, name) else { return nil }
        return unsafe unsafeBitCast(symbol, to: Function.self)
    }
}
