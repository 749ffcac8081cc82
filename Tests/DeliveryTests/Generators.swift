/// A generator that always says the same: what is drawn from a range is its low end, its middle or its high end.
struct ConstantGenerator: RandomNumberGenerator {
    let value: UInt64
    func next() -> UInt64 { value }

    /// Not 0, which Swift's way of drawing refuses, and would ask for again for ever.
    static let low = ConstantGenerator(value: 1)
    static let middle = ConstantGenerator(value: 1 << 63)
    static let high = ConstantGenerator(value: .max)
}
