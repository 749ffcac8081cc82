import FoundationEssentials
import TestSupport
import Testing

@testable import Sensors

struct MessageTests {
    private func xml(_ content: String) -> [UInt8] {
        Array("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<plist version=\"1.0\">\(content)</plist>".utf8)
    }

    private func attached(_ properties: String, id: String = "<integer>7</integer>") -> MuxMessage {
        MuxMessage(
            xml(
                "<dict><key>MessageType</key><string>Attached</string><key>DeviceID</key>\(id)"
                    + "<key>Properties</key><dict>\(properties)</dict></dict>"))
    }

    /// As usbmuxd 1.1.1 says it.
    @Test func attached_isUnderstood() {
        let message = attached(
            "<key>ConnectionSpeed</key><integer>480000000</integer><key>ConnectionType</key><string>USB</string>"
                + "<key>DeviceID</key><integer>7</integer><key>LocationID</key><integer>65540</integer>"
                + "<key>ProductID</key><integer>4776</integer>"
                + "<key>SerialNumber</key><string>00008110-000A1B2C3D4E5F60</string>")
        let device = MuxDevice(id: 7, serial: "00008110-000A1B2C3D4E5F60", location: 1 << 16 | 4)
        #expect(message == .attached(device))
    }

    @Test func attached_isNoUSB_whenItSaysNetworkOrNothing() {
        for type in ["<key>ConnectionType</key><string>Network</string>", ""] {
            let message = attached("<key>SerialNumber</key><string>A</string>" + type)
            #expect(message == .attached(MuxDevice(id: 7, serial: "A", isUSB: false)))
        }
    }

    @Test func message_isOther_whenItMakesNoSense() {
        #expect(attached("") == .other)
        #expect(attached("<key>SerialNumber</key><string></string>") == .other)
        #expect(attached("<key>SerialNumber</key><integer>4</integer>") == .other)
        #expect(attached("<key>SerialNumber</key><string>A</string>", id: "<string>7</string>") == .other)
        #expect(
            attached("<key>SerialNumber</key><string>A</string>", id: "<integer>99999999999999999999</integer>")
                == .other)
        #expect(MuxMessage([]) == .other)
        #expect(MuxMessage(Array("{ MessageType = Detached; DeviceID = 4; }".utf8)) == .other)
        #expect(MuxMessage(Array("bplist00".utf8) + [UInt8](repeating: 0, count: 60)) == .other)
        #expect(MuxMessage(xml("<array/>")) == .other)
        #expect(MuxMessage(xml("<dict><key>MessageType</key><string>Detached</string></dict>")) == .other)
    }

    @Test func answers_areUnderstood() {
        #expect(
            MuxMessage(
                xml("<dict><key>MessageType</key><string>Result</string><key>Number</key><integer>2</integer></dict>"))
                == .result(2))
        #expect(MuxMessage(xml("<dict><key>BUID</key><string>30B2</string></dict>")) == .buid("30B2"))
        #expect(MuxMessage(xml("<dict><key>PairRecordData</key><data>AQID</data></dict>")) == .pairRecord([1, 2, 3]))
        #expect(
            PairRecord(
                xml("<dict><key>HostID</key><string>H</string><key>HostCertificate</key><data>AQID</data></dict>"))
                == PairRecord(hostID: "H", systemBUID: nil))
        #expect(PairRecord(xml("<dict><key>SystemBUID</key><string>S</string></dict>")) == nil)
        #expect(
            LockdownAnswer(xml("<dict><key>Request</key><string>GetValue</string><key>Value</key><true/></dict>"))?
                .value == nil)
    }

    /// The decoder goes down by recursion; as deep as a mebibyte allows it would run out of stack.
    @Test func nesting_isRefused_whenItIsDeep() {
        for depth in [PropertyList.mostTags, 10_000, 140_000] {
            let open = String(repeating: "<array>", count: depth)
            let close = String(repeating: "</array>", count: depth)
            #expect(MuxMessage(xml(open)) == .other)
            #expect(LockdownAnswer(xml("<dict><key>Value</key>\(open)\(close)</dict>")) == nil)
            #expect(
                LockdownAnswer(xml("<dict><key>Value</key>\(open.replacing("<", with: "<!--</array>--><"))</dict>"))
                    == nil)
        }
    }

    /// Found by fuzzing: the decoder traps on such an integer.
    @Test func message_isOther_whenItIsNoUTF8() {
        let head = Array("<plist version=\"1.0\"><dict><key>Number</key><integer>".utf8)
        for bytes in [[0xff], [0xc3], [0xf5, 0x20], [0x20, 0xe2, 0x82]] as [[UInt8]] {
            #expect(MuxMessage(head + bytes + Array("</integer></dict></plist>".utf8)) == .other)
        }
    }

    /// The port goes as it lies on the wire: 62078 is 0xF27E, and 0x7EF2 is 32498.
    @Test func connect_namesThePortInNetworkOrder() throws {
        var reader = MuxFrameReader()
        reader.append(MuxRequest.connect(id: 3, port: 62078).bytes)
        let body = try #require(try reader.next()).body
        #expect(String(decoding: body, as: UTF8.self).contains("<integer>32498</integer>"))
    }

    @Test func hostilePropertyLists_neverTrap() {
        var random = SeededGenerator(seed: 4)
        let tags = [
            "<dict>", "</dict>", "<key>", "</key>", "MessageType", "Attached", "DeviceID", "Properties", "<integer>",
            "</integer>", "-1", "0x7fffffffffffffff", "99999999999999999999", "<string>", "</string>", "&amp;",
            "&#x110000;",
            "<data>", "AQID=", "</data>", "<!--", "-->", "<![CDATA[", "]]>", "<true/>", "<real>nan</real>",
            "<date>x</date>",
            "\0", "<plist", "?>", "<array>", "</array>", "Value", "Error", "SerialNumber",
        ]
        for _ in 0..<5_000 {
            let count = Int.random(in: 0...40, using: &random)
            var bytes = xml((0..<count).map { _ in tags.randomElement(using: &random) ?? "" }.joined())
            for _ in 0..<Int.random(in: 0...3, using: &random) {
                bytes[Int.random(in: bytes.indices, using: &random)] = random.next()
            }
            _ = MuxMessage(bytes)
            _ = PairRecord(bytes)
            _ = LockdownAnswer(bytes)
        }
    }
}
