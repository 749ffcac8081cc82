// What goes over the wire, as the commands and other programs see it. Times are RFC 3339, UTC, with milliseconds.

package struct DeviceView: Codable, Hashable, Sendable {
    package var udid: String
    package var name: String
    /// `online`, `offline`, `utilizing`, `unplugged`; nil while nothing was reported of it yet.
    package var status: String?
    /// Why it is offline.
    package var reason: String?
    /// `private`, `local` or `public`.
    package var group: String
    /// `android` or `ios`.
    package var platform: String?
    /// As in sysfs: `1-4.2`.
    package var port: String?
    package var idPath: String?
    package var isListed: Bool
    package var labels: [String: String]
    /// What the phone says of itself, once a sensor has asked it.
    package var model: String?
    package var osVersion: String?
    /// Who says whether it is usable, `adb` or `usbmuxd`; nil: it is as soon as it is there.
    package var sensor: String?
    /// What is wrong with what is known of it: `adbServerDown`, `usbmuxdDown`.
    package var flags: [String]
    /// While somebody has said that it will be away.
    package var expectedAbsence: ExpectedAbsenceView?
    /// Where it hangs now, in the order of arrival. Two: a move that overlaps, or two phones with one serial.
    package var places: [PlaceView]
    package init(
        udid: String, name: String, status: String?, reason: String?, group: String, platform: String?, port: String?,
        idPath: String?, isListed: Bool, labels: [String: String], model: String? = nil, osVersion: String? = nil,
        sensor: String? = nil, flags: [String] = [], expectedAbsence: ExpectedAbsenceView? = nil,
        places: [PlaceView] = []
    ) {
        self.udid = udid
        self.name = name
        self.status = status
        self.reason = reason
        self.group = group
        self.platform = platform
        self.port = port
        self.idPath = idPath
        self.isListed = isListed
        self.labels = labels
        self.model = model
        self.osVersion = osVersion
        self.sensor = sensor
        self.flags = flags
        self.expectedAbsence = expectedAbsence
        self.places = places
    }
}

package struct PlaceView: Codable, Hashable, Sendable {
    /// As in sysfs: `1-4.2`.
    package var port: String
    package var idPath: String?
    package init(port: String, idPath: String?) {
        self.port = port
        self.idPath = idPath
    }
}

/// A phone that tells nothing that it could be told by; it has no status until its port is bound to a name.
package struct UnidentifiedView: Codable, Hashable, Sendable {
    /// As in sysfs: `1-4.2`.
    package var port: String
    package var idPath: String?
    /// `android` or `ios`.
    package var platform: String
    package var product: String?
    /// `noSerial`, or the mode that hides the serial.
    package var reason: String
    package init(port: String, idPath: String?, platform: String, product: String?, reason: String) {
        self.port = port
        self.idPath = idPath
        self.platform = platform
        self.product = product
        self.reason = reason
    }
}

package struct DeviceList: Codable, Hashable, Sendable {
    /// In order of their UDID.
    package var devices: [DeviceView]
    /// In order of their ports.
    package var unidentified: [UnidentifiedView]
    package init(devices: [DeviceView], unidentified: [UnidentifiedView]) {
        self.devices = devices
        self.unidentified = unidentified
    }
}

package struct ExpectedAbsenceView: Codable, Hashable, Sendable {
    package var until: String
    /// Why, in the words of whoever said so.
    package var reason: String?
    package init(until: String, reason: String?) {
        self.until = until
        self.reason = reason
    }
}

package struct EventView: Codable, Hashable, Sendable {
    /// From 1, without gaps, never reused.
    package var number: Int64
    package var at: String
    package var udid: String
    package var name: String
    package var group: String
    package var previous: String?
    package var status: String
    package var reason: String?
    /// Recorded, and not delivered to any webhook.
    package var isSilent: Bool
    package var platform: String?
    package var port: String?
    package init(
        number: Int64, at: String, udid: String, name: String, group: String, previous: String?, status: String,
        reason: String?, isSilent: Bool, platform: String?, port: String?
    ) {
        self.number = number
        self.at = at
        self.udid = udid
        self.name = name
        self.group = group
        self.previous = previous
        self.status = status
        self.reason = reason
        self.isSilent = isSilent
        self.platform = platform
        self.port = port
    }
}

package struct EventPage: Codable, Hashable, Sendable {
    package var events: [EventView]
    /// Events that were asked for and that are not kept any more: their numbers, when there are any.
    package var missing: NumberRange?
    package init(events: [EventView], missing: NumberRange?) {
        self.events = events
        self.missing = missing
    }
}

package struct NumberRange: Codable, Hashable, Sendable {
    package var first: Int64
    package var last: Int64
    package init(first: Int64, last: Int64) {
        self.first = first
        self.last = last
    }
}

package struct WebhookView: Codable, Hashable, Sendable {
    package var id: Int64
    package var name: String
    /// Without the right to change webhooks: scheme and host only, for a path may be a secret.
    package var url: String
    package var description: String
    package var events: [String]
    package var enabled: Bool
    package var timeoutMs: Int
    package var connectTimeoutMs: Int
    /// Held by hand: callbacks are made and wait.
    package var isSuspended: Bool
    /// Callbacks that are not under way.
    package var waiting: Int
    package var inFlight: Int
    /// The tag of the definition, for `If-Match`; the same as the `ETag` header of this webhook.
    package var etag: String
    package init(
        id: Int64, name: String, url: String, description: String, events: [String], enabled: Bool, timeoutMs: Int,
        connectTimeoutMs: Int, isSuspended: Bool, waiting: Int, inFlight: Int, etag: String
    ) {
        self.id = id
        self.name = name
        self.url = url
        self.description = description
        self.events = events
        self.enabled = enabled
        self.timeoutMs = timeoutMs
        self.connectTimeoutMs = connectTimeoutMs
        self.isSuspended = isSuspended
        self.waiting = waiting
        self.inFlight = inFlight
        self.etag = etag
    }
}

package struct DeliveryView: Codable, Hashable, Sendable {
    package var id: String
    package var webhookId: Int64
    package var udid: String
    /// The number in its lane, from 1.
    package var sequence: Int64
    /// The number of the status event.
    package var event: Int64
    package var createdAt: String
    /// `pending`, `delivered` or `cancelled`.
    package var state: String
    package var attemptCount: Int
    package var nextAttemptAt: String?
    package var settledAt: String?
    /// Where it stands among all, for paging.
    package var position: Int64
    /// The bytes that are sent; only where one delivery is shown.
    package var body: String?
    /// Oldest first; only where one delivery is shown.
    package var attempts: [AttemptView]?
    package init(
        id: String, webhookId: Int64, udid: String, sequence: Int64, event: Int64, createdAt: String, state: String,
        attemptCount: Int, nextAttemptAt: String?, settledAt: String?, position: Int64, body: String? = nil,
        attempts: [AttemptView]? = nil
    ) {
        self.id = id
        self.webhookId = webhookId
        self.udid = udid
        self.sequence = sequence
        self.event = event
        self.createdAt = createdAt
        self.state = state
        self.attemptCount = attemptCount
        self.nextAttemptAt = nextAttemptAt
        self.settledAt = settledAt
        self.position = position
        self.body = body
        self.attempts = attempts
    }
}

package struct AttemptView: Codable, Hashable, Sendable {
    package var number: Int
    package var startedAt: String
    package var outcome: String
    package var statusCode: Int?
    package var detail: String
    package var durationMs: Double
    /// How often the request went over the wire in this attempt.
    package var wireSends: Int
    package var nextAttemptAt: String?
    package init(
        number: Int, startedAt: String, outcome: String, statusCode: Int?, detail: String, durationMs: Double,
        wireSends: Int, nextAttemptAt: String?
    ) {
        self.number = number
        self.startedAt = startedAt
        self.outcome = outcome
        self.statusCode = statusCode
        self.detail = detail
        self.durationMs = durationMs
        self.wireSends = wireSends
        self.nextAttemptAt = nextAttemptAt
    }
}

package struct DeliveryPage: Codable, Hashable, Sendable {
    package var deliveries: [DeliveryView]
    /// Give it as `before` for the next page; nil on the last.
    package var next: Int64?
    package init(deliveries: [DeliveryView], next: Int64?) {
        self.deliveries = deliveries
        self.next = next
    }
}

/// What came of a test callback.
package struct TestView: Codable, Hashable, Sendable {
    package var outcome: String
    package var statusCode: Int?
    package var detail: String
    /// The first bytes of the answer's body, as text.
    package var answer: String
    /// Milliseconds from the start until each of these was done; nil for what did not happen.
    package var nameLookupMs: Double?
    package var connectMs: Double?
    package var tlsMs: Double?
    package var firstByteMs: Double?
    package var totalMs: Double
    package init(
        outcome: String, statusCode: Int?, detail: String, answer: String, nameLookupMs: Double?, connectMs: Double?,
        tlsMs: Double?, firstByteMs: Double?, totalMs: Double
    ) {
        self.outcome = outcome
        self.statusCode = statusCode
        self.detail = detail
        self.answer = answer
        self.nameLookupMs = nameLookupMs
        self.connectMs = connectMs
        self.tlsMs = tlsMs
        self.firstByteMs = firstByteMs
        self.totalMs = totalMs
    }
}

/// Something that is wrong with the configuration or with a body.
package struct FaultView: Codable, Hashable, Sendable {
    /// JSON pointer (RFC 6901).
    package var pointer: String
    /// From 1.
    package var line: Int
    package var column: Int
    package var problem: String
    package var advice: String
    package init(pointer: String, line: Int, column: Int, problem: String, advice: String) {
        self.pointer = pointer
        self.line = line
        self.column = column
        self.problem = problem
        self.advice = advice
    }
}

package struct ReloadView: Codable, Hashable, Sendable {
    /// Whether the file is in force now.
    package var isInForce: Bool
    package var at: String
    /// Why the old configuration stays, when it does and the file could be read.
    package var faults: [FaultView]
    /// Why the file could not be read, when it could not.
    package var problem: String?
    package init(isInForce: Bool, at: String, faults: [FaultView], problem: String?) {
        self.isInForce = isInForce
        self.at = at
        self.faults = faults
        self.problem = problem
    }
}

package struct StatusView: Codable, Hashable, Sendable {
    package var version: String
    package var host: String
    package var pid: Int
    package var startedAt: String
    /// `starting`, `ready` or `stopping`.
    package var phase: String
    /// Where plugs and removals come from: `udev`, `kernel`, `libusb`, …
    package var hotplugSource: String
    /// How many phones have which status.
    package var devices: [String: Int]
    /// Callbacks of all webhooks.
    package var waiting: Int
    package var inFlight: Int
    package var configurationFile: String
    package var lastReload: ReloadView?
    /// One for each platform.
    package var sensors: [SensorView]
    /// What is wrong now, in words, with the mend; empty when all is well.
    package var problems: [String]
    package init(
        version: String, host: String, pid: Int, startedAt: String, phase: String, hotplugSource: String,
        devices: [String: Int], waiting: Int, inFlight: Int, configurationFile: String, lastReload: ReloadView?,
        sensors: [SensorView], problems: [String]
    ) {
        self.version = version
        self.host = host
        self.pid = pid
        self.startedAt = startedAt
        self.phase = phase
        self.hotplugSource = hotplugSource
        self.devices = devices
        self.waiting = waiting
        self.inFlight = inFlight
        self.configurationFile = configurationFile
        self.lastReload = lastReload
        self.sensors = sensors
        self.problems = problems
    }
}

/// Who tells whether the phones of a platform can be used.
package struct SensorView: Codable, Hashable, Sendable {
    /// `android` (adb) or `ios` (usbmuxd).
    package var platform: String
    /// Whether phones are ready only when it says so; else they are by being there.
    package var isInForce: Bool
    package var isAnswering: Bool
    /// Why it does not answer.
    package var problem: String?
    package init(platform: String, isInForce: Bool, isAnswering: Bool, problem: String?) {
        self.platform = platform
        self.isInForce = isInForce
        self.isAnswering = isAnswering
        self.problem = problem
    }
}

package struct AuditView: Codable, Hashable, Sendable {
    package var position: Int64
    package var at: String
    /// Who: `uid 1000 (anna)`, `token ci`, `file`.
    package var actor: String
    /// What was done: `webhook.create`, `configuration.reload`, …
    package var action: String
    /// To which: `webhook 129`.
    package var subject: String
    package var before: String
    package var after: String
    package init(
        position: Int64, at: String, actor: String, action: String, subject: String, before: String, after: String
    ) {
        self.position = position
        self.at = at
        self.actor = actor
        self.action = action
        self.subject = subject
        self.before = before
        self.after = after
    }
}

package struct AuditPage: Codable, Hashable, Sendable {
    package var entries: [AuditView]
    package var next: Int64?
    package init(entries: [AuditView], next: Int64?) {
        self.entries = entries
        self.next = next
    }
}

/// The body of every error (RFC 9457, `application/problem+json`).
package struct ProblemView: Codable, Hashable, Sendable {
    package var type: String
    package var title: String
    package var status: Int
    /// What is wrong and what to do.
    package var detail: String
    package var faults: [FaultView]?
    package init(type: String, title: String, status: Int, detail: String, faults: [FaultView]? = nil) {
        self.type = type
        self.title = title
        self.status = status
        self.detail = detail
        self.faults = faults
    }
}
