/// How differently each kind of operation was answered. One that is always answered alike compares nothing: the draws do not
/// reach what it is about.
struct ModelVariety {
    private var answers: [String: Set<ModelAnswer>] = [:]

    mutating func add(_ answer: ModelAnswer, to operation: Any) {
        answers[Self.name(operation), default: []].insert(answer)
    }

    /// Operations that had one answer only, which says something.
    var monotonous: [String] {
        answers.filter { $0.value.count == 1 && $0.value != [.done] }.keys.sorted()
    }

    /// The cases of the enumerations, outermost first, without their values.
    private static func name(_ operation: Any) -> String {
        let mirror = Mirror(reflecting: operation)
        guard mirror.displayStyle == .enum, let child = mirror.children.first, let label = child.label else {
            return mirror.displayStyle == .enum ? "\(operation)" : ""
        }
        let rest = name(child.value)
        return rest.isEmpty ? label : "\(label).\(rest)"
    }
}
