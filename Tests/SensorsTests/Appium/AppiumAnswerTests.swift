import Testing

@testable import Sensors

/// What Appium servers answer, as their documentation and sources of 1.22, 2.19 and 3 have it.
@Suite struct AppiumAnswerTests {
    private func answer(_ json: String) -> AppiumAnswer { answer(200, json) }

    private func answer(_ status: Int, _ json: String) -> AppiumAnswer {
        AppiumAnswer(statusCode: status, body: Array(json.utf8))
    }

    private func sessions(_ entries: String) -> AppiumAnswer { answer("{\"value\": [\(entries)]}") }

    private func one(_ capabilities: String) -> String? {
        guard case .sessions(let sessions) = sessions("{\"id\": \"s\", \"capabilities\": \(capabilities)}") else {
            return nil
        }
        return sessions.first?.udid
    }

    @Test func appium1() {
        let told = answer(
            #"""
            {"value": [{"id": "0a1b-2c", "capabilities": {"platformName": "Android", "deviceUDID": "ce0917198075440c057e",
            "deviceName": "ce0917198075440c057e", "desired": {"udid": "other", "app": "/a.apk"}, "viewportRect":
            {"left": 0}, "webStorageEnabled": false}}], "sessionId": null, "status": 0}
            """#)
        #expect(told == .sessions([AppiumSession(id: "0a1b-2c", udid: "ce0917198075440c057e")].compactMap(\.self)))
    }

    @Test func appium3() {
        let told = answer(
            #"""
            {"value": [
              {"id": "a", "created": 1732000000000, "capabilities": {"platformName": "iOS",
               "appium:udid": "00008030001A35E40212402E", "appium:automationName": "XCUITest"}},
              {"id": "b", "created": 1732000000001, "capabilities": {"appium:deviceUDID": "R58N", "appium:udid": "x"}}]}
            """#)
        #expect(
            told
                == .sessions(
                    [
                        AppiumSession(id: "a", udid: "00008030001A35E40212402E"),
                        AppiumSession(id: "b", udid: "R58N"),
                    ].compactMap(\.self)))
    }

    @Test(arguments: [
        #"{"udid": "P"}"#, #"{"appium:udid": "P"}"#, #"{"deviceUDID": "P"}"#, #"{"appium:deviceUDID": "P"}"#,
        #"{"desired": {"udid": "P"}}"#, #"{"desired": {"appium:udid": "P"}}"#, #"{"appium:options": {"udid": "P"}}"#,
        #"{"appium:options": {"appium:udid": "P"}}"#, #"{"deviceUDID": "P", "udid": "auto"}"#,
        #"{"udid": "", "desired": {"udid": "P"}}"#, #"{"udid": 7, "appium:udid": "P"}"#,
    ])
    func phone_IsFoundInEverySpelling(capabilities: String) { #expect(one(capabilities) == "P") }

    @Test(arguments: ["{}", "[]", "null", #"{"udid": null}"#, #"{"deviceName": "Pixel"}"#, #"{"desired": "udid"}"#])
    func session_WithoutAPhone_IsLeftOut(capabilities: String) {
        #expect(one(capabilities) == nil)
        #expect(sessions("{\"id\": \"s\", \"capabilities\": \(capabilities)}") == .sessions([]))
    }

    /// Nobody else's session is lost by it.
    @Test(arguments: [
        "7", "null", "{}", #"{"id": "", "capabilities": {"udid": "P"}}"#, #"{"id": 5, "capabilities": {"udid": "P"}}"#,
        #"{"id": "../../x", "capabilities": {"udid": "P"}}"#, #"{"id": "a\u001b[2J", "capabilities": {"udid": "P"}}"#,
        "{\"id\": \"\(String(repeating: "i", count: 129))\", \"capabilities\": {\"udid\": \"P\"}}",
    ])
    func entryThatIsNone_IsLeftOutAlone(entry: String) {
        let good = #"{"id": "s", "capabilities": {"udid": "P"}}"#
        #expect(sessions("\(entry), \(good)") == .sessions([AppiumSession(id: "s", udid: "P")].compactMap(\.self)))
    }

    @Test func hostilePhone_BecomesPrintable_AndBounded() throws {
        let udid = try #require(one(#"{"udid": "a\u001b[2Jb\#(String(repeating: "x", count: 5_000))"}"#))
        #expect(!udid.unicodeScalars.contains("\u{1b}"))
        #expect(udid.unicodeScalars.count <= 200)
    }

    @Test func list_ThatMayNotBeTold_IsForbidden() {
        let told = answer(
            500,
            #"""
            {"value": {"error": "unknown error", "message": "Potentially insecure feature 'session_discovery' has not been enabled.",
            "stacktrace": "…"}}
            """#)
        #expect(told == .forbidden)
    }

    @Test(arguments: [
        (404, #"{"value": {"error": "unknown command", "message": "The requested resource could not be found"}}"#),
        (404, "Not Found"), (405, ""), (501, #"{"value": {"error": "unknown command"}}"#),
    ])
    func list_ThatIsNotThere_IsAnUnknownCommand(status: Int, body: String) {
        #expect(answer(status, body) == .unknownCommand)
    }

    @Test(arguments: [
        (200, ""), (200, "{"), (200, "[]"), (200, #"{"value": {}}"#), (200, #"{"value": "x"}"#), (200, "<html>"),
    ])
    func stranger_IsNoAppiumServer(status: Int, body: String) {
        #expect(answer(status, body) == .failed("what answers there is no Appium server"))
    }

    @Test(arguments: [301, 401, 403, 500, 503]) func otherStatus_IsToldAsItIs(status: Int) {
        #expect(answer(status, "") == .failed("it answers with HTTP status \(status)"))
    }

    @Test func deepNesting_IsNoSession() {
        let deep = String(repeating: "[", count: 100_000)
        #expect(answer("{\"value\": \(deep)") == .failed("what answers there is no Appium server"))
    }
}
