import TestSupport
import Testing

@testable import Sensors

@Suite struct ADBReplyReaderTests {
    /// A status and two lists, as a reader takes them.
    private struct Taken: Equatable {
        var status: ADBReplyReader.Status?
        var texts: [[UInt8]] = []

        mutating func take(from reader: inout ADBReplyReader) throws {
            if status == nil { status = try reader.takeStatus() }
            guard status != nil else { return }
            while let text = try reader.takeText() { texts.append(text) }
        }
    }

    @Test func textsAreTheSame_whereverTheStreamIsSplit() throws {
        let stream = Array("OKAY".utf8) + frame("") + frame("A\tdevice\n") + frame("B\toffline\n")
        let whole = Taken(status: .okay, texts: ["", "A\tdevice\n", "B\toffline\n"].map { Array($0.utf8) })
        for first in 0...stream.count {
            for second in first...stream.count {
                var reader = ADBReplyReader()
                var taken = Taken()
                for piece in [stream[..<first], stream[first..<second], stream[second...]] {
                    reader.append(piece)
                    try taken.take(from: &reader)
                }
                #expect(taken == whole)
            }
        }
    }

    @Test func longestText_isTaken_byteForByte() throws {
        let text = (0..<0xffff).map { UInt8(truncatingIfNeeded: $0) }
        var reader = ADBReplyReader()
        var taken: [UInt8]?
        for byte in ADBRequest.framed(text) {
            #expect(taken == nil)
            reader.append([byte])
            taken = try reader.takeText()
        }
        #expect(taken == text)
        #expect(reader.count == 0)
    }

    @Test func lengthsAreTaken_inEitherCase() throws {
        var reader = ADBReplyReader()
        reader.append(Array("000aabcdefghij000AABCDEFGHIJ".utf8))
        #expect(try reader.takeText() == Array("abcdefghij".utf8))
        #expect(try reader.takeText() == Array("ABCDEFGHIJ".utf8))
    }

    @Test(arguments: ["00 1", "-001", "+001", "0x01", "OKAY", "\0\0\0\0"])
    func lengthThatIsNone_isMalformed(_ digits: String) {
        var reader = ADBReplyReader()
        reader.append(Array(digits.utf8))
        #expect(throws: ADBReplyReader.Malformed(bytes: Array(digits.utf8))) { try reader.takeText() }
    }

    @Test(arguments: ["okay", "HTTP", "0000"])
    func statusThatIsNone_isMalformed(_ word: String) {
        var reader = ADBReplyReader()
        reader.append(Array(word.utf8))
        #expect(throws: ADBReplyReader.Malformed(bytes: Array(word.utf8))) { try reader.takeStatus() }
    }

    @Test func rest_isAllThatIsThere() throws {
        var reader = ADBReplyReader()
        reader.append(Array("OKAYPixel".utf8))
        #expect(try reader.takeStatus() == .okay)
        reader.append(Array(" 7\n".utf8))
        #expect(reader.takeRest() == Array("Pixel 7\n".utf8))
        #expect(reader.takeRest().isEmpty)
    }
}
