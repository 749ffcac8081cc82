package import Core

/// What somebody says who wants to use a phone.
package struct SessionOrder: Hashable, Sendable {
    package enum Binding: String, Hashable, Sendable, CaseIterable {
        case heartbeats, process, connection
    }

    /// A UDID or a name; nil where any will do.
    package var device: String?
    package var any: DeviceFilter?
    /// Whom it is for; nil: whoever asks.
    package var owner: String?
    package var kind = Session.Kind.session
    package var labels: [String: String] = [:]
    package var isExclusive = false
    package var boundTo = Binding.heartbeats
    /// Nil: the process that asks.
    package var pid: Int32?
    /// Nil: what the configuration says.
    package var timeToLive: Duration?
    package var longest: Duration?
    package var patience = Duration.zero
    package var isForced = false

    private init() {}

    /// Reads and checks it; throws with every fault in it.
    package init(json source: [UInt8]) throws(InvalidConfiguration) {
        let tree = try JSONTree(checking: source)
        self = try Self.kind.value(of: tree.root, duplicates: tree.duplicates, in: source)
    }

    private static let kind = Kind<SessionOrder>.object(
        SessionOrder(),
        [
            Field("device", \.device, Kind<String>.text(1...128).orNone, "The phone: its UDID or its name."),
            Field("any", \.any, Kind<DeviceFilter>.filter.orNone, "What any phone must be like that is to be found."),
            Field("owner", \.owner, Kind<String>.printableText(1...200).orNone, "Whom it is for; who asks by default."),
            Field("kind", \.kind, .choice(), "A reserved phone is held and not utilizing."),
            Field("labels", \.labels, .labels, "Words of your own about the session."),
            Field("exclusive", \.isExclusive, .boolean, "Nobody else may use the phone meanwhile."),
            Field("boundTo", \.boundTo, .choice(), "What it lives by."),
            Field("pid", \.pid, Kind<Int32>.processID.orNone, "The process that it is bound to; who asks by default."),
            Field(
                "ttlSeconds", \.timeToLive, Kind<Duration>.seconds(1...86_400).orNone,
                "How long it lives without a heartbeat."),
            Field(
                "maxSeconds", \.longest, Kind<Duration>.seconds(1...2_592_000).orNone,
                "How long it lives whatever its heartbeats say."),
            Field("waitSeconds", \.patience, .seconds(0...86_400), "How long to wait for a phone."),
            Field("force", \.isForced, .boolean, "Also on a phone that is offline."),
        ],
        settle: { order, cursor, findings in
            switch (order.device, order.any) {
            case (nil, nil) where cursor.member("device") == nil && cursor.member("any") == nil:
                findings.add("names no phone", #"give "device", or "any" with what it must be like"#, at: cursor)
            case (_?, _?):
                findings.add(
                    #"is there beside "device""#, "give one of both", at: cursor.member("any") ?? cursor)
            default: break
            }
            if order.boundTo != .heartbeats, let place = cursor.member("ttlSeconds") {
                findings.add(
                    "is of no meaning for a session that needs no heartbeat", #"remove it, or "boundTo""#, at: place)
            }
            if order.boundTo != .process, let place = cursor.member("pid") {
                findings.add("is of no meaning here", #"remove it, or give "boundTo": "process""#, at: place)
            }
            if order.isForced, order.any != nil, let place = cursor.member("force") {
                findings.add("is of no meaning where any phone will do", "remove it, or name the phone", at: place)
            }
        })
}

extension Kind where Value == DeviceFilter {
    /// Which phones are meant.
    static var filter: Kind {
        .object(
            DeviceFilter(),
            [
                Field("platform", \.platform, Kind<Platform>.choice().orNone, "Android or iOS."),
                Field("labels", \.labels, .labels, "Labels that the configuration gives it, all of them."),
                Field("name", \.name, Kind<Glob>.glob.orNone, "Its name; * stands for any characters, ? for one."),
            ])
    }
}

extension Kind where Value == Int32 {
    /// As the kernel gives them out (`proc(5)`, `pid_max`).
    fileprivate static var processID: Kind {
        Kind<Int64>.integer(1...4_194_304).converted(back: { Int64($0) }, by: { Int32($0) })
    }
}
