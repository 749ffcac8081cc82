/// A generator that repeats from its seed (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}

/// A generator that always says the same: what is drawn from a range is its low end, its middle or its high end.
struct ConstantGenerator: RandomNumberGenerator {
    let value: UInt64
    func next() -> UInt64 { value }

    /// Not 0, which Swift's way of drawing refuses, and would ask for again for ever.
    static let low = ConstantGenerator(value: 1)
    static let middle = ConstantGenerator(value: 1 << 63)
    static let high = ConstantGenerator(value: .max)
}
