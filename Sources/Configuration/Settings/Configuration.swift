package import Core

/// The whole configuration, valid: what the file says, and the defaults for what it does not say.
package struct Configuration: Hashable, Sendable {
    package var orgID: Int64 = 0
    package var host = HostSettings()
    package var devices: [ListedDevice] = []
    package var detection = DetectionSettings()
    package var health = HealthSettings()
    package var sessions = SessionSettings()
    package var webhooks: [WebhookDefinition] = []
    package var delivery = DeliverySettings()
    package var control = ControlSettings()
    package var stateDirectory = "/var/lib/plughook"

    package init() {}

    /// Reads and checks a whole file; throws the faults in it, in the order of the file.
    ///
    /// Those are all, or the first thousand that were found and one that says how many more there are.
    package init(json source: [UInt8]) throws(InvalidConfiguration) {
        var findings = Findings()
        do {
            let tree = try JSONTree(parsing: source)
            for duplicate in tree.duplicates { findings.add(duplicate) }
            if let configuration = Self.kind.read(JSONCursor(root: tree.root), &findings), findings.isEmpty {
                self = configuration
                return
            }
        } catch {
            findings.add(error)
        }
        throw InvalidConfiguration(faults: findings.placed(in: source))
    }

    /// 2^53 - 1: what every receiver can hold, whatever number type its language has.
    static let largestID: Int64 = 9_007_199_254_740_991

    static let kind = Kind<Configuration>.object(
        Configuration(),
        [
            Field("orgId", \.orgID, .integer(0...largestID), "The organisation's number, told in every callback."),
            Field("host", \.host, HostSettings.kind, "Which host this is."),
            Field("devices", \.devices, .listedDevices, "Phones that have a name, a group or labels of their own."),
            Field(
                "detection", \.detection, DetectionSettings.kind, "What is a phone, and how long a change must last."),
            Field("health", \.health, HealthSettings.kind, "Who tells whether a phone that is there can be used."),
            Field("sessions", \.sessions, SessionSettings.kind, "How long a phone may be in use."),
            Field("webhooks", \.webhooks, .webhooks, "Who wants to be told, of what, where."),
            Field("delivery", \.delivery, DeliverySettings.kind, "How many callbacks may be on their way at once."),
            Field("control", \.control, ControlSettings.kind, "Where the agent is asked and told."),
            Field(
                "stateDirectory", \.stateDirectory, .absolutePath(maxBytes: 4000),
                "Where the agent keeps its database; one agent for each directory."),
        ])
}

/// Why a configuration is refused.
package struct InvalidConfiguration: Error, Hashable {
    /// At least one, in the order of the file.
    package let faults: [Fault]
}
