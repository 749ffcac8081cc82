import PlughookConfiguration
import Testing

/// What would be unsafe, or a lie, to ignore.
struct NotYetBuiltTests {
    @Test(arguments: [(webhook(#""secrets": [{"value": "x"}]"#), "/webhooks/0/secrets/0/value")])
    func feature_isRefusedAsMissing_whenItIsAskedFor(_ json: String, _ pointer: String) throws {
        let told = faults(of: json)
        #expect(told.map(\.pointer) == [pointer])
        let fault = try #require(told.first)
        #expect(fault.problem.contains("is not available in this version of plughook"))
        #expect(fault.advice.hasPrefix("remove the key"))
    }

    @Test(arguments: [
        #"{"health": {"onSensorLoss": "keep", "adb": {"mode": "auto", "requireBootCompleted": false}}}"#,
        #"{"health": {"adb": {"mode": "off"}, "usbmuxd": {"mode": "off"}}}"#, #"{"sessions": {"appium": []}}"#,
        webhook(#""format": "kobiton", "backlog": "all", "devices": {}"#), #"{"control": {}}"#,
    ])
    func feature_isAccepted_whenItsAbsenceIsWhatTheFileSays(_ json: String) {
        #expect(faults(of: json) == [])
    }
}
