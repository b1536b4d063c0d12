/// The version that a worker registers with.
enum WaybillVersion {
    static let text = "0.1.0"
}
