/// How long a phone may be in use.
package struct SessionSettings: Hashable, Sendable {
    /// How long a session lives without a heartbeat, unless its owner asks for another time.
    package var timeToLive: Duration = .seconds(900)
    /// How long one lives whatever its heartbeats say.
    package var longest: Duration = .seconds(86_400)
    /// How long sessions outlive an unplugging; zero ends them with it.
    package var unplugGrace: Duration = .zero

    static let kind = Kind<SessionSettings>.object(
        SessionSettings(),
        [
            Field("ttlSeconds", \.timeToLive, .seconds(10...86_400), "How long a session lives without a heartbeat."),
            Field(
                "maxSeconds", \.longest, .seconds(60...2_592_000),
                "How long a session lives whatever its heartbeats say."),
            Field("unplugGraceSeconds", \.unplugGrace, .seconds(0...3600), "How long sessions outlive an unplugging."),
            Field(
                "appium",
                only: .list(of: AppiumServer.kind).checked("an empty list", adding: ["maxItems": 0]) {
                    (servers) throws(Objection) in
                    if !servers.isEmpty { throw .unavailable("watching Appium servers", advice: "remove the key") }
                }, is: [], "Appium servers whose sessions count; none in this version."),
        ],
        settle: { settings, cursor, findings in
            guard settings.timeToLive > settings.longest else { return }
            if let place = cursor.member("ttlSeconds") {
                let longest = settings.longest.components.seconds
                findings.add("is longer than maxSeconds, \(longest)", "give less, or raise maxSeconds", at: place)
            } else {
                settings.timeToLive = settings.longest
            }
        })
}

private struct AppiumServer: Hashable {
    var url = ""

    static let kind = Kind<AppiumServer>.object(
        AppiumServer(), [Field("url", \.url, .webhookURL, isRequired: true, "The server's address.")])
}
