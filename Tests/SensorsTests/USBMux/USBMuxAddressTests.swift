import Sensors
import Testing

struct USBMuxAddressTests {
    private func address(_ text: String?) throws -> USBMuxAddress {
        try USBMuxAddress(environment: text.map { ["USBMUXD_SOCKET_ADDRESS": $0] } ?? [:])
    }

    @Test func address_isDebiansSocket_whenTheEnvironmentNamesNone() throws {
        #expect(try address(nil) == .unix(path: "/var/run/usbmuxd"))
        #expect(try address("") == .unix(path: "/var/run/usbmuxd"))
        #expect(try USBMuxAddress(environment: [:], socket: "/run/x") == .unix(path: "/run/x"))
    }

    @Test func address_isTheEnvironments_inAnyOfItsSpellings() throws {
        #expect(try address("UNIX:/tmp/a:b") == .unix(path: "/tmp/a:b"))
        #expect(try address("unix:/tmp/mux") == .unix(path: "/tmp/mux"))
        #expect(try address("/tmp/mux") == .unix(path: "/tmp/mux"))
        #expect(try address("127.0.0.1:27015") == .tcp(host: "127.0.0.1", port: 27015))
        #expect(try address("LocalHost:27015") == .tcp(host: "127.0.0.1", port: 27015))
        #expect(try address("[::1]:27015").description == "[::1]:27015")
    }

    @Test(arguments: [
        "UNIX:", "UNIX:relative", "usbmuxd", "host.example:27015", "127.0.0.1", "127.0.0.1:0", "127.0.0.1:65536",
        "127.0.0.1:", ":27015", "/" + String(repeating: "x", count: 107),
    ])
    func address_isRefused_whenItIsNone(text: String) {
        #expect { () throws in _ = try address(text) } throws: { error in
            "\(error)".contains("USBMUXD_SOCKET_ADDRESS is \"\(text.prefix(60))")
        }
    }
}
