/// What a sequence of operations is drawn from.
package struct ModelChance {
    private var generator: any RandomNumberGenerator

    package init(_ generator: some RandomNumberGenerator) {
        self.generator = generator
    }

    mutating func number(_ range: ClosedRange<Int>) -> Int { .random(in: range, using: &generator) }

    mutating func happens(oneIn count: Int) -> Bool { number(1...count) == 1 }

    mutating func one<Choice>(of choices: [Choice]) -> Choice { choices[number(0...choices.count - 1)] }

    mutating func several<Choice>(_ counts: ClosedRange<Int>, _ draw: (inout ModelChance) -> Choice) -> [Choice] {
        (0..<number(counts)).map { _ in draw(&self) }
    }

    /// One of so many things that the run has brought about, counted back from the newest, which is what most operations
    /// are about; now and then a far older one.
    mutating func recent() -> Int { happens(oneIn: 4) ? number(0...40) : number(0...4) }
}

extension Array {
    /// ``ModelChance/recent()`` as an element; nil when there is none at all.
    func recent(_ number: Int) -> Element? { isEmpty ? nil : self[count - 1 - number % count] }
}
