/// Which host this is, for receivers that hear from several.
package struct HostSettings: Hashable, Sendable {
    /// Nil means the system's host name.
    package var id: String?
    package var labels: [String: String] = [:]

    static let kind = Kind<HostSettings>.object(
        HostSettings(),
        [
            Field("id", \.id, Kind<String>.text(1...64).orNone, "The host's name; the system's host name by default."),
            Field("labels", \.labels, .labels, "Words of your own about the host, like its site."),
        ])
}

extension Kind where Value == [String: String] {
    static var labels: Kind { .map(keys: 1...63, to: .text(0...255)) }
}
