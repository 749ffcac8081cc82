import Core
import TestSupport
import Testing

@testable import Sensors

/// Lists as a phone with a hostile serial, a broken server or an attacker on its port makes them.
@Suite struct ADBHostileInputTests {
    private static let words = [
        "device", "offline", "no permissions (a; b); see [http://x]", "usb:1-4.2", "usb:", "transport_id:7",
        "transport_id:",
        "product:", "\t", "\n", " ", "\0", "\u{1b}[2J", "\u{202e}", "emulator-5554", "1.2.3.4:5555", "????", "OKAY",
        "FAIL",
        "0000", "ffff", "000c", "(no serial number)", "é", "\r\n",
    ]

    private func bytes(using random: inout SeededGenerator) -> [UInt8] {
        var bytes: [UInt8] = []
        for _ in 0..<Int.random(in: 0...12, using: &random) {
            switch Int.random(in: 0..<4, using: &random) {
            case 0: bytes.append(UInt8.random(in: 0...255, using: &random))
            case 1: bytes += line("A", "device").utf8
            default: bytes += (Self.words.randomElement(using: &random) ?? "").utf8
            }
        }
        return bytes
    }

    private func isClean(_ text: String) -> Bool { text.printable == text && text.unicodeScalars.count <= 200 }

    @Test(arguments: 0..<8) func anyList_isTakenWithoutHarm(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<1000 {
            let list = bytes(using: &random)
            for entry in ADBEntry.entries(of: list, isLong: Bool.random(using: &random)) {
                let phone = SensedPhone(
                    source: .adb(server: "s"), place: entry.port.map { .port($0) },
                    serial: String(decoding: entry.serial, as: UTF8.self), verdict: entry.state.verdict)
                #expect(isClean(phone.serial))
                #expect(ADBRequest.framed(ADBRequest.transport(to: entry)).count <= 4 + 0xffff)
                if case .other(let word) = entry.state { #expect(isClean(word)) }
            }
        }
    }

    /// However it is split, a stream leads to the same lists or the same end.
    @Test(arguments: 0..<8) func anyStream_leadsToTheSame_howeverItIsSplit(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<500 {
            var stream = Bool.random(using: &random) ? Array("OKAY".utf8) : []
            for _ in 0..<Int.random(in: 0...3, using: &random) {
                let list = bytes(using: &random)
                stream += Bool.random(using: &random) ? ADBRequest.framed(list) : list
            }
            var whole = following()
            let expected = whole.received(stream, at: .at(.zero))
            var piecewise = following()
            var actions: [ADBFollower.Action] = []
            var rest = stream[...]
            while !rest.isEmpty {
                let piece = rest.prefix(Int.random(in: 1...9, using: &random))
                rest = rest.dropFirst(piece.count)
                actions += piecewise.received(piece, at: .at(.zero))
            }
            #expect(actions == expected)
            #expect(whole.malformed == piecewise.malformed)
        }
    }

    @Test(arguments: 0..<4) func anyOutput_isTakenWithoutHarm(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<1000 {
            var output: [UInt8] = []
            for _ in 0..<9 {
                output += bytes(using: &random).filter { $0 != UInt8(ascii: "\n") } + [UInt8(ascii: "\n")]
            }
            guard let facts = ADBProperties(output: output)?.facts else { continue }
            for fact in [facts.name, facts.model, facts.osVersion].compactMap(\.self) {
                #expect(isClean(fact) && !fact.isEmpty)
            }
        }
    }

    private func following() -> ADBFollower {
        var follower = ADBFollower(addresses: 1, random: MiddleGenerator())
        _ = follower.timePassed(.at(.zero))
        _ = follower.connected(at: .at(.zero))
        return follower
    }
}
