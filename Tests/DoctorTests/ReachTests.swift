import Core
import Delivery
import Glibc
import Linux
import TestSupport
import Testing

@testable import Doctor

@Suite struct ReachTests {
    @Test(arguments: [
        ("https://ci.example.com/hooks/S3CRET", "ci.example.com:443", "ci.example.com"),
        ("HTTP://CI.example.com?token=S3CRET", "ci.example.com:80", "ci.example.com"),
        ("https://ci.example.com:8443/a:b", "ci.example.com:8443", "ci.example.com"),
        ("https://[2001:db8::1]/x", "[2001:db8::1]:443", "2001:db8::1"),
        ("http://[::1]:8378", "[::1]:8378", "::1"),
    ])
    func origin_KeepsHostAndPortAlone(url: String, endpoint: String, host: String) {
        let origin = Origin(url: url)
        #expect(origin.endpoint == endpoint)
        #expect(origin.host == host)
        #expect(!origin.url.contains("S3CRET"))
    }

    @Test func receiver_ThatFails_IsAProblemWithAMendOfItsOwn() {
        let origin = Origin(url: "https://ci.example.com/")
        #expect(Receiver(origin: origin).diagnosis.verdict == .ok)
        let mends = [Outcome.dns, .tls, .timeout, .connect].map { outcome in
            let diagnosis = Receiver(origin: origin, failure: .init(outcome: outcome, words: "words")).diagnosis
            #expect(diagnosis.verdict == .problem)
            #expect(diagnosis.found == "ci.example.com:443: words")
            return diagnosis.mend
        }
        #expect(Set(mends).count == 4)
    }

    @Test func adb_ThatIsAbsent_IsToldOnlyWhereItIsExpected() {
        func verdict(_ answer: ADBServer.Answer, isExpected: Bool = true) -> Diagnosis.Verdict {
            ADBServer(endpoint: "127.0.0.1:5037", isExpected: isExpected, answer: answer).diagnosis.verdict
        }
        #expect(verdict(.version(41)) == .ok)
        #expect(verdict(.absent) == .warning)
        #expect(verdict(.absent, isExpected: false) == .skipped)
        #expect(verdict(.silent, isExpected: false) == .warning)
        #expect(verdict(.stranger) == .warning)
        #expect(verdict(.failed("Name or service not known")) == .warning)
    }

    @Test func adb_AnswersWithItsVersionInHexadecimal() {
        #expect(ADBServer.Answer(bytes: Array("OKAY00040029".utf8)) == .version(41))
        for text in ["", "OKAY", "OKAY0004002", "OKAY0004zzzz", "FAIL0004nope", "HTTP/1.1 400", "OKAY0004\u{1F480}"] {
            #expect(ADBServer.Answer(bytes: Array(text.utf8)) == .stranger, "\(text)")
        }
    }

    @Test func usbmuxd_ThatIsAbsent_IsToldOnlyForAnIPhone() {
        func verdict(_ answer: USBMux.Answer, isIPhonePlugged: Bool) -> Diagnosis.Verdict {
            USBMux(place: .path("/s"), isIPhonePlugged: isIPhonePlugged, answer: answer).diagnosis.verdict
        }
        #expect(verdict(.connected, isIPhonePlugged: false) == .ok)
        #expect(verdict(.absent, isIPhonePlugged: false) == .skipped)
        #expect(verdict(.absent, isIPhonePlugged: true) == .warning)
        #expect(verdict(.forbidden, isIPhonePlugged: false) == .warning)
    }

    @Test func usbmuxd_IsWhereTheVariableSays_UnlessTheConfigurationDoes() {
        let usual = "/var/run/usbmuxd"
        #expect(USBMux.Place(socket: usual, variable: nil) == .path(usual))
        #expect(USBMux.Place(socket: usual, variable: "") == .path(usual))
        #expect(USBMux.Place(socket: usual, variable: "unix:/run/mux") == .path("/run/mux"))
        #expect(USBMux.Place(socket: usual, variable: "UNIX:/run/mux") == .path("/run/mux"))
        #expect(USBMux.Place(socket: usual, variable: "/run/mux") == .path("/run/mux"))
        #expect(USBMux.Place(socket: usual, variable: "[::1]:27015") == .endpoint("[::1]:27015"))
        #expect(USBMux.Place(socket: "/run/own", variable: "UNIX:/run/mux") == .path("/run/own"))
    }

    @Test func controlSocket_IsJudged() {
        func verdict(_ sight: ControlSocket.Sight) -> Diagnosis.Verdict {
            ControlSocket(path: "/run/plughook/control.sock", sight: sight).diagnosis.verdict
        }
        #expect(verdict(.answered) == .ok)
        #expect(verdict(.absent(directory: "/run", code: nil)) == .skipped)
        #expect(verdict(.absent(directory: "/run", code: EACCES)) == .warning)
        #expect(verdict(.notASocket) == .problem)
    }

    @Test func controlSocket_IsLookedForWhereItIs() throws {
        try withTemporaryDirectory { directory in
            let free = ControlSocket.Sight.absent(directory: directory, code: nil)
            #expect(ControlSocket(path: directory + "/control.sock").sight == free)
            #expect(ControlSocket(path: directory + "/run/control.sock").sight == free)
            // The agent makes one directory, not two.
            let tooDeep = ControlSocket.Sight.absent(directory: directory, code: ENOENT)
            #expect(ControlSocket(path: directory + "/a/b/control.sock").sight == tooDeep)
            try write("", to: directory + "/file")
            #expect(ControlSocket(path: directory + "/file").sight == .notASocket)
        }
    }

    @Test func threads_KeepTheOrder_AndDoAll() {
        let numbers = Array(0..<50)
        #expect(numbers[3...].mapInThreads(width: 16) { $0 * 2 } == numbers[3...].map { $0 * 2 })
        #expect([Int]()[...].mapInThreads(width: 16) { $0 }.isEmpty)
    }
}
