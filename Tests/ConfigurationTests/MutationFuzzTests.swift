import PlughookConfiguration
import TestSupport
import Testing

/// Documents as a slip of the hand, a broken disk or an attacker makes them.
struct MutationFuzzTests {
    @Test(arguments: Blocks.of(8))
    func reading_neverTrapsAndPlacesItsFaults_whenBytesAreMutated(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<500 {
            let document = mutated(Array(example.utf8), using: &random)
            let lines = document.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            for fault in faults(of: document) {
                guard lines.indices.contains(fault.line - 1) else {
                    Issue.record("no line \(fault.line), seed \(seed)")
                    continue
                }
                #expect(1...lines[fault.line - 1].count + 1 ~= fault.column)
                #expect(fault.pointer.isEmpty || fault.pointer.hasPrefix("/"))
                #expect(!fault.problem.isEmpty && !fault.advice.isEmpty)
                #expect(!fault.text(in: "f").unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7F })
            }
        }
    }

    @Test func reading_isRefused_whenDocumentIsCutAnywhere() {
        let document = Array(example.utf8)
        for length in 0..<(document.count - 1) { #expect(!faults(of: Array(document[..<length])).isEmpty) }
    }

    private func mutated(_ original: [UInt8], using random: inout SeededGenerator) -> [UInt8] {
        var document = original
        for _ in 0..<Int.random(in: 1...4, using: &random) where !document.isEmpty {
            let place = Int.random(in: 0..<document.count, using: &random)
            let end = min(document.count, place + Int.random(in: 1...12, using: &random))
            switch Int.random(in: 0..<6, using: &random) {
            case 0: document[place] = UInt8.random(in: 0...255, using: &random)
            case 1: document.removeSubrange(place..<end)
            case 2: document.insert(contentsOf: document[place..<end], at: place)
            case 3: document.insert(Array("{}[]\",:\\-0e9u\n".utf8).randomElement(using: &random) ?? 0, at: place)
            case 4: document.swapAt(place, Int.random(in: 0..<document.count, using: &random))
            default: document[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            }
        }
        return document
    }
}
