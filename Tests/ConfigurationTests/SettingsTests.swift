import PlughookConfiguration
import Core
import Testing

struct SettingsTests {
    @Test(arguments: [
        #"[{"udid": "a"}, {"udid": "a", "port": "p"}]"#,
        // Apple's identifier with and without the dash, in either case.
        #"[{"udid": "00008020-001A2D3E4F50601E"}, {"udid": "00008020001a2d3e4f50601e"}]"#,
    ])
    func device_isRefused_whenItIsListedTwice(_ devices: String) {
        #expect(faults(of: #"{"devices": \#(devices)}"#).map(\.pointer) == ["/devices/1/udid"])
    }

    @Test func devices_areAccepted_whenSerialsDifferInCaseOnly() {
        #expect(faults(of: #"{"devices": [{"udid": "abc"}, {"udid": "ABC"}]}"#) == [])
    }

    @Test func device_isRefused_whenItsPortIsTaken() {
        #expect(
            faults(of: #"{"devices": [{"udid": "a", "port": "p"}, {"udid": "b", "port": "p"}]}"#).map(\.pointer)
                == ["/devices/1/port"])
    }

    @Test(arguments: [
        #"{"port": "p"}"#, #"{"udid": ""}"#, #"{"udid": "????"}"#, #"{"udid": " a"}"#,
        #"{"udid": "a", "group": "secret"}"#, #"{"udid": "a", "port": "1 2"}"#, #"{"udid": "a", "name": ""}"#,
        #"{"udid": "a", "labels": {"": "x"}}"#, #"{"udid": "a", "labels": {"x": 1}}"#,
        #"{"udid": "a", "ignore": "yes"}"#, #"{"udid": "a\u0007"}"#,
    ])
    func device_isRefused_whenItIsMalformed(_ device: String) {
        #expect(faults(of: #"{"devices": [\#(device)]}"#).count == 1)
    }

    @Test(arguments: [
        #"{"detection": {"include": [{"vendorId": "0x2717"}]}}"#,
        #"{"detection": {"include": [{"vendorId": "27zz"}]}}"#,
        #"{"detection": {"include": [{"vendorId": 2717}]}}"#,
        #"{"detection": {"include": [{"productId": "ff48"}]}}"#,
        #"{"detection": {"hotplug": "netlink"}}"#,
        #"{"stateDirectory": "var/lib"}"#,
        #"{"stateDirectory": "/a\u0000b"}"#,
        #"{"control": {"socket": "/\#(String(repeating: "é", count: 54))"}}"#,
        #"{"health": {"adb": {"servers": []}}}"#,
        #"{"health": {"adb": {"servers": ["127.0.0.1"]}}}"#,
        #"{"health": {"adb": {"servers": ["127.0.0.1:1", "127.0.0.1:1"]}}}"#,
        #"{"health": {"adb": {"servers": ["adb.example:1"]}}}"#,
        #"{"health": {"adb": {"livenessSeconds": -1}}}"#,
        #"{"health": {"adb": {"livenessSeconds": 1}}}"#,
        #"{"health": {"adb": {"livenessSeconds": 9}}}"#,
        #"{"health": {"adb": {"livenessSeconds": 3601}}}"#,
        #"{"health": {"adb": {"livenessSeconds": 10.5}}}"#,
        #"{"host": {"id": ""}}"#,
        #"{"host": {"id": null}}"#,
        #"{"sessions": {"ttlSeconds": 100, "maxSeconds": 60}}"#,
        #"{"sessions": {"appium": [{}]}}"#,
        #"{"sessions": {"appium": [{"url": "127.0.0.1:4723"}]}}"#,
        #"{"sessions": {"appium": [{"url": "http://127.0.0.1:4723/?a=b"}]}}"#,
        #"{"sessions": {"appium": [{"url": "http://a:b@127.0.0.1:4723"}]}}"#,
        #"{"sessions": {"appium": [{"url": "http://h:1"}, {"url": "http://h:1"}]}}"#,
    ])
    func setting_isRefused_whenOutOfBounds(_ json: String) {
        #expect(faults(of: json).count == 1)
    }

    @Test(arguments: [0, 10, 3600]) func liveness_isTaken_whenZeroOrLongEnough(_ seconds: Int) throws {
        let json = "{\"health\": {\"adb\": {\"livenessSeconds\": \(seconds)}}}"
        #expect(try Configuration(json: Array(json.utf8)).health.adb.liveness == .seconds(seconds))
    }

    @Test func sessionTime_followsTheLongest_whenOnlyThatIsGiven() throws {
        let configuration = try Configuration(json: Array(#"{"sessions": {"maxSeconds": 60}}"#.utf8))
        #expect(configuration.sessions.timeToLive == .seconds(60))
    }
}
