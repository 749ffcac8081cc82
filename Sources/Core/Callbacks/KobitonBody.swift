/// The body of a callback in the format `kobiton`: nine keys in the spec's order, UTF-8 JSON without white space.
package enum KobitonBody {
    package static func bytes(of facts: CallbackFacts) -> [UInt8] { object(of: facts).finish() }

    /// Those nine, and a tenth, `plughook`: an object of all else that is known. All of its keys are there, in this order,
    /// with null for what is not known.
    package static func extendedBytes(of facts: CallbackFacts) -> [UInt8] {
        var labels = JSONObjectWriter()
        for (key, value) in facts.host.labels.sorted(by: { $0.key < $1.key }) { labels.add(key, value) }
        var more = JSONObjectWriter()
        more.add("hostId", facts.host.id)
        more.add("hostLabels", json: labels.finish())
        more.add("eventId", facts.event?.value)
        more.add("sequence", facts.sequence)
        more.add("previousStatus", facts.previous?.rawValue)
        more.add("reason", facts.reason?.rawValue)
        more.add("platform", facts.platform?.rawValue)
        more.add("portPath", facts.port?.description)
        more.add("hubPath", facts.port?.hub?.description)
        more.add("sessionOwners", facts.owners)
        var object = object(of: facts)
        object.add("plughook", json: more.finish())
        return object.finish()
    }

    private static func object(of facts: CallbackFacts) -> JSONObjectWriter {
        var object = JSONObjectWriter()
        object.add("creationTime", facts.creationTime.description)
        object.add("eventType", facts.eventType)
        object.add("eventActivity", facts.eventActivity)
        object.add("eventDescription", facts.eventDescription)
        object.add("deviceUdid", facts.deviceUDID)
        object.add("deviceName", facts.deviceName)
        object.add("orgId", facts.organisation)
        object.add("webhookId", facts.webhook.value)
        object.add("webhookName", facts.webhookName)
        return object
    }
}
