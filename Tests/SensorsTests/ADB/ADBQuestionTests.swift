import Core
import Testing

@testable import Sensors

@Suite struct ADBQuestionTests {
    private let output = Array("\n\n\n\n\n\nPixel 7\n14\n1\n".utf8)

    @Test func answer_isTheSame_whereverItIsSplit() {
        let stream = Array("OKAYOKAY".utf8) + output
        for first in 0...stream.count {
            var question = ADBQuestion(entry("A"), at: .at(.zero))
            #expect(question.connected() == .send(frame("host:transport-id:7")))
            var sent: [ADBQuestion.Action] = []
            sent.append(question.received(stream[..<first]))
            sent.append(question.received(stream[first...]))
            // The far side speaks out of turn here; it is taken all the same, when more has come.
            sent.append(question.received([]))
            #expect(sent.filter { $0 != .none } == [.send(ADBRequest.framed(ADBProperties.request))])
            #expect(question.ended() == .answered(output))
            #expect(question.ended() == .none)
        }
    }

    @Test func serial_isUsed_whenTheServerGaveNoNumber() {
        var question = ADBQuestion(entry("A B", number: nil), at: .at(.zero))
        #expect(question.connected() == .send(frame("host:transport:A B")))
    }

    @Test(arguments: [
        ("FAIL0000", ADBQuestion.Failure.notReached), ("what", .notReached), ("OKAYFAIL0000", .refusal),
        ("OKAYwhat", .refusal),
    ])
    func refusal_isNoAnswer_theServersOrThePhones(_ stream: String, _ failure: ADBQuestion.Failure) {
        var question = ADBQuestion(entry("A"), at: .at(.zero))
        _ = question.connected()
        let actions = stream.utf8.map { question.received([$0]) }
        #expect(actions.contains(.failed(failure)))
        #expect(question.ended() == .none)
    }

    /// A server that hangs is silent before it has put the question to the phone.
    @Test(arguments: [
        ("", ADBQuestion.Failure.notReached), ("OKAY", .silence), ("OKAYOKAY", .silence), ("OKAYOKAYPix", .silence),
    ])
    func silence_isNoAnswer_whenTheTimeIsUp(_ stream: String, _ failure: ADBQuestion.Failure) {
        var question = ADBQuestion(entry("A"), at: .at(.zero))
        #expect(question.deadline == .at(.seconds(5)))
        _ = question.connected()
        for byte in stream.utf8 { _ = question.received([byte]) }
        #expect(question.timePassed(.at(.milliseconds(4999))) == .none)
        #expect(question.timePassed(.at(.seconds(5))) == .failed(failure))
        #expect(question.received(Array("OKAY".utf8)) == .none)
    }

    @Test func flood_isNoAnswer() {
        var question = ADBQuestion(entry("A"), at: .at(.zero))
        _ = question.connected()
        _ = question.received(Array("OKAY".utf8))
        _ = question.received(Array("OKAY".utf8))
        #expect(question.received([UInt8](repeating: 10, count: 8192)) == .none)
        #expect(question.received([10]) == .failed(.refusal))
    }

    @Test func end_beforeTheAnswer_isNoAnswer() {
        var question = ADBQuestion(entry("A"), at: .at(.zero))
        #expect(question.ended() == .failed(.notReached))
    }
}

@Suite struct ADBPropertiesTests {
    @Test func name_isTheOneThePhoneIsSoldUnder_elseTheModel() {
        let sold = ADBProperties(output: Array("Redmi Note 12\n\n\n\n\n\n23021RAAEG\n13\n1\n".utf8))
        #expect(sold?.facts == PhoneFacts(name: "Redmi Note 12", model: "23021RAAEG", osVersion: "13"))
        #expect(sold?.isBooted == true)
        let oppo = ADBProperties(output: Array("\n\n\nOPPO A91\n\n\nCPH2021\n11\n\n".utf8))
        #expect(oppo?.facts.name == "OPPO A91")
        #expect(oppo?.isBooted == false)
        let plain = ADBProperties(output: Array("\r\n\r\n\r\n\r\n\r\n\r\nSM-N950F\r\n9\r\n0\r\n".utf8))
        #expect(plain?.facts == PhoneFacts(name: "SM-N950F", model: "SM-N950F", osVersion: "9"))
    }

    @Test func whatIsNotSaid_isNil() {
        let facts = ADBProperties(output: Array(String(repeating: " \n", count: 9).utf8))?.facts
        #expect(facts == PhoneFacts())
    }

    @Test func aLinkersWarnings_areNoProperties() {
        let output = "WARNING: linker: libx.so has text relocations\n\n\n\n\n\n\nPixel 7\n14\n1\n"
        #expect(ADBProperties(output: Array(output.utf8))?.facts.model == "Pixel 7")
    }

    @Test(arguments: ["", "\n", "/system/bin/sh: getprop: not found\n", "\n\n\n\n\n\nPixel 7\n14\n1"])
    func anythingElse_isNoAnswer(_ output: String) {
        #expect(ADBProperties(output: Array(output.utf8)) == nil)
    }

    @Test func properties_areAskedFor_inOneLine() {
        let request = String(decoding: ADBProperties.request, as: UTF8.self)
        #expect(request.hasPrefix("shell:getprop ro.product.marketname; getprop "))
        #expect(request.hasSuffix("; getprop sys.boot_completed"))
        #expect(request.split(separator: ";").count == 9)
    }
}
