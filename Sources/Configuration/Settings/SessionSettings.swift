/// How long a phone may be in use.
package struct SessionSettings: Hashable, Sendable {
    /// How long a session lives without a heartbeat, unless its owner asks for another time.
    package var timeToLive: Duration = .seconds(900)
    /// How long one lives whatever its heartbeats say.
    package var longest: Duration = .seconds(86_400)
    /// How long sessions outlive an unplugging; zero ends them with it.
    package var unplugGrace: Duration = .zero
    /// Whose sessions count as well.
    package var appium: [AppiumServer] = []

    static let kind = Kind<SessionSettings>.object(
        SessionSettings(),
        [
            Field("ttlSeconds", \.timeToLive, .seconds(10...86_400), "How long a session lives without a heartbeat."),
            Field(
                "maxSeconds", \.longest, .seconds(60...2_592_000),
                "How long a session lives whatever its heartbeats say."),
            Field("unplugGraceSeconds", \.unplugGrace, .seconds(0...3600), "How long sessions outlive an unplugging."),
            Field(
                "appium", \.appium,
                .list(
                    of: AppiumServer.kind, count: 0...16,
                    distinct: [Distinct(member: "url", noun: "url") { Array($0.url.utf8) }]),
                "Appium servers whose sessions count; each is asked for them every 2 s."),
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

package struct AppiumServer: Hashable, Sendable {
    /// With the base path, if it has one.
    package var url: String

    package init(url: String = "") { self.url = url }

    static let kind = Kind<AppiumServer>.object(
        AppiumServer(),
        [
            Field(
                "url", \.url, .baseURL, isRequired: true,
                "The server's address, with Appium's base path if it has one: http://127.0.0.1:4723, http://127.0.0.1:4723/wd/hub."
            )
        ])
}
