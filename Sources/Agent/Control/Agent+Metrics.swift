internal import ControlAPI
internal import Core
internal import Delivery
internal import Hotplug
internal import Linux
internal import Sensors
internal import Store

// The counters of all parts at one moment. Labels are bounded: a webhook's number, a word of an enum, a status code.
extension Agent {
    var metrics: MetricsSnapshot {
        MetricsSnapshot(families: ofAgent + ofDevices + ofSessions + ofHotplug + ofDelivery + ofDisk)
    }

    private var ofAgent: [MetricsSnapshot.Family] {
        [
            .gauge("build_info", "Which version runs; always 1.", [.of(1, ("version", Version.current))]),
            .gauge("start_time_seconds", "When the agent was started, as Unix time.", [.of(startedAt.seconds)]),
            .gauge("ready", "1 when the first presence snapshot is on disk.", [.of(phase.word == "ready" ? 1 : 0)]),
            .counter(
                "config_reloads_total", "Configurations that were read again, by what came of it.",
                [
                    .of(reloading.totals.inForce, ("result", "in_force")),
                    .of(reloading.totals.refused, ("result", "refused")),
                ]),
            .gauge("config_refused", "1 while what the file says is not in force.", [.of(reloading.isRefused ? 1 : 0)]),
            .gauge("event_readers", "Readers that follow the events live.", [.of(control.feed.count)]),
        ]
    }

    private var ofDevices: [MetricsSnapshot.Family] {
        var counts: [[String]: Int] = [:]
        for status in Status.allCases { counts[[status.rawValue, ""]] = 0 }
        for phone in tracker.phones {
            guard let status = phone.record.reported else { continue }
            counts[[status.rawValue, phone.record.reason?.rawValue ?? ""], default: 0] += 1
        }
        return [
            .gauge(
                "devices", "Phones that are known, by status and why they are offline.",
                counts.sorted { $0.key.lexicographicallyPrecedes($1.key) }
                    .map { .of($0.value, ("status", $0.key[0]), ("reason", $0.key[1])) }),
            .counter(
                "transitions_total", "Changes of a reported status; silent ones are told to no webhook.",
                Status.allCases.flatMap { status in
                    [false, true].map { isSilent in
                        .of(
                            tally.transitions[Tally.Transition(status: status, isSilent: isSilent)] ?? 0,
                            ("status", status.rawValue), ("silent", "\(isSilent)"))
                    }
                }),
        ]
    }

    private var ofSessions: [MetricsSnapshot.Family] {
        let live = tracker.sessions
        return [
            .gauge(
                "sessions", "Live sessions, by kind.",
                Session.Kind.allCases.map { kind in
                    .of(live.count { $0.session.kind == kind }, ("kind", kind.rawValue))
                }),
            .gauge(
                "appium_server_up", "1 while an Appium server tells its sessions.",
                appium.servers.map { .of($0.problem == nil ? 1 : 0, ("server", $0.server)) }),
            .gauge("sessions_waiting", "Requests that wait for a phone.", [.of(tracker.waitingRequests.count)]),
            .counter(
                "session_requests_total",
                "Requests for a phone, by what became of them; observed sessions are started.",
                [
                    .of(tally.sessions.started, ("result", "started")),
                    .of(tally.sessions.refused, ("result", "refused")),
                    .of(tally.sessions.withdrawn, ("result", "withdrawn")),
                ]),
            .counter(
                "sessions_ended_total", "Sessions that are over, by the reason.",
                SessionEnd.allCases.map { .of(tally.sessionEnds[$0] ?? 0, ("reason", $0.rawValue)) }),
            .histogram("session_duration_seconds", "From the start of a session to its end.", tally.sessionDuration),
        ]
    }

    private var ofHotplug: [MetricsSnapshot.Family] {
        [
            .counter(
                "hotplug_events_total", "Facts about what hangs on USB.",
                tally.hotplug.sorted { $0.key < $1.key }.map { .of($0.value, ("event", $0.key)) }),
            .counter("hotplug_overflows_total", "Times the kernel dropped messages.", [.of(hotplug.totals.overflows)]),
            .counter(
                "hotplug_late_adds_total", "Messages of a plugging that was over.", [.of(hotplug.totals.lateAdds)]),
            .counter(
                "hotplug_mismatches_total", "Times libusb saw what udev did not tell.", [.of(hotplug.totals.mismatches)]
            ),
            .counter("reconciles_total", "Looks at all that is there.", [.of(hotplug.totals.snapshots)]),
            .gauge(
                "hotplug_source", "Which source is in force.",
                HotplugSource.Kind.allCases.map { .of($0 == hotplug.source.kind ? 1 : 0, ("source", $0.rawValue)) }),
        ]
    }

    private var ofDelivery: [MetricsSnapshot.Family] {
        let totals = delivery.totals
        let webhooks = plan.webhooks.map(\.id).sorted()
        let now = WallTime.now()
        let each = { (value: (WebhookID) -> Double) in
            webhooks.map { id in MetricsSnapshot.Sample.of(value(id), id.label) }
        }
        return [
            .counter(
                "attempts_total", "Attempts to hand a callback over, by how they ended.",
                totals.webhooks.sorted { $0.key < $1.key }.flatMap { id, webhook in
                    webhook.attempts.sorted { $0.key.rawValue < $1.key.rawValue }
                        .map { .of($0.value, id.label, ("outcome", $0.key.rawValue)) }
                }),
            .counter(
                "http_responses_total", "Answers of receivers, by status code.",
                totals.webhooks.sorted { $0.key < $1.key }.flatMap { id, webhook in
                    webhook.responses.sorted { $0.key < $1.key }.map { .of($0.value, id.label, ("code", "\($0.key)")) }
                }),
            .counter("retries_total", "Attempts at a callback after its first.", [.of(totals.retries)]),
            .counter(
                "wire_sends_total", "Requests that went over the wire, hidden resends included.",
                [.of(totals.wireSends)]),
            .counter(
                "connections_total", "Attempts that sent their request, by whether the connection was made for it.",
                ConnectionUse.allCases.map { .of(totals.connections[$0] ?? 0, ("state", $0.rawValue)) }),
            .histogram("attempt_duration_seconds", "How long an attempt took.", totals.attemptDuration),
            .histogram(
                "first_send_delay_seconds", "From a callback's being on disk to its first attempt.",
                totals.firstSendDelay),
            .histogram("delivery_delay_seconds", "From the event to its acceptance.", totals.delay),
            .gauge(
                "callbacks_waiting", "Callbacks that are not under way.",
                each { Double(delivery.counts(of: $0).waiting) }),
            .gauge("callbacks_in_flight", "Callbacks under way.", each { Double(delivery.counts(of: $0).inFlight) }),
            .gauge(
                "callbacks_oldest_age_seconds",
                "Age of the oldest callback that was not accepted; 0 when there is none.",
                each { id in delivery.oldest(of: id).map { max(0, now.seconds - $0.seconds) } ?? 0 }),
            .gauge(
                "webhook_suspended", "1 while what waits is held by hand.",
                each { delivery.suspended.contains($0) ? 1 : 0 }),
            .gauge(
                "webhook_away", "1 while the receiver is taken for away, and only tried now and then.",
                each { delivery.opening(of: $0) == nil ? 0 : 1 }),
            .counter("webhook_away_total", "Times that a receiver was taken for away.", [.of(tally.gateOpenings)]),
            .counter(
                "callbacks_given_up_total", "Callbacks that are not sent any more, by the reason.",
                Ending.allCases.map { .of(totals.ended[$0] ?? 0, ("reason", $0.rawValue)) }),
            .gauge(
                "webhook_clock_skew_seconds",
                "By how much a receiver's clock was ahead of this host's when it last told its time.",
                webhooks.compactMap { id in totals.webhooks[id]?.clockSkew.map { .of($0.seconds, id.label) } }),
            .gauge(
                "webhook_last_accepted_timestamp_seconds", "When a receiver last accepted a callback, as Unix time.",
                webhooks.compactMap { id in totals.webhooks[id]?.lastAccepted.map { .of($0.seconds, id.label) } }),
        ]
    }

    private var ofDisk: [MetricsSnapshot.Family] {
        let sizes = store.sizes
        return [
            .counter("commits_total", "Transactions on disk.", [.of(ledger.totals.commits)]),
            .counter(
                "callbacks_lost_total", "Callbacks that were forgotten while the disk refused them.",
                [.of(ledger.totals.lost)]),
            .counter("commit_failures_total", "Transactions that the disk refused.", [.of(ledger.totals.refusals)]),
            .histogram("commit_duration_seconds", "From a decision to its being on disk.", ledger.totals.duration),
            .gauge(
                "db_bytes", "Size of the database's files.",
                [.of(sizes.database, ("file", "database")), .of(sizes.log, ("file", "wal"))]),
            .gauge("disk_refuses", "1 while the disk refuses what happened.", [.of(ledger.refusal == nil ? 0 : 1)]),
        ]
    }
}

extension WebhookID {
    fileprivate var label: (String, String) { ("webhook", "\(value)") }
}

extension WallTime {
    fileprivate var seconds: Double { Double(milliseconds) / 1000 }
}

extension MetricsSnapshot.Family {
    fileprivate static func gauge(_ name: String, _ help: String, _ samples: [MetricsSnapshot.Sample]) -> Self {
        Self(name, help, .gauge, samples)
    }

    fileprivate static func counter(_ name: String, _ help: String, _ samples: [MetricsSnapshot.Sample]) -> Self {
        Self(name, help, .counter, samples)
    }

    fileprivate static func histogram(_ name: String, _ help: String, _ histogram: Histogram) -> Self {
        var below = 0
        let buckets = zip(histogram.bounds, histogram.counts).map { bound, count in
            below += count
            return MetricsSnapshot.Sample(Double(below), [.init("le", "\(bound.seconds)")], suffix: "_bucket")
        }
        return Self(
            name, help, .histogram,
            buckets + [
                .init(Double(histogram.count), [.init("le", "+Inf")], suffix: "_bucket"),
                .init(histogram.sum.seconds, suffix: "_sum"), .init(Double(histogram.count), suffix: "_count"),
            ])
    }
}

extension MetricsSnapshot.Sample {
    fileprivate static func of(_ value: Double, _ labels: (String, String)...) -> Self {
        Self(value, labels.map { MetricsSnapshot.Label($0.0, $0.1) })
    }

    fileprivate static func of(_ value: Int, _ labels: (String, String)...) -> Self {
        Self(Double(value), labels.map { MetricsSnapshot.Label($0.0, $0.1) })
    }
}

extension Duration {
    fileprivate var seconds: Double { Double(wholeNanoseconds) / 1e9 }
}
