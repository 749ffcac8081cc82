import Core
import Linux

extension Webhook {
    static func example(_ id: Int64 = 129, url: String = "http://127.0.0.1:1/hook") -> Webhook {
        Webhook(id: WebhookID(id), name: "Webhook \(id)", url: url, events: Set(Status.allCases))
    }
}

extension Lane {
    static func example(_ webhook: Int64 = 129, _ device: String = "ce0917198075440c057e") -> Lane {
        Lane(webhook: WebhookID(webhook), device: UDID(device))
    }
}

extension PendingCallback {
    static func example(
        _ lane: Lane = .example(), sequence: Int64 = 1, attempts: Int = 0, notBefore: WallTime? = nil
    ) -> PendingCallback {
        let id = CallbackID("msg_\(lane.webhook.value)-\(lane.device)-\(sequence)")
        let callback = Callback(
            id: id, lane: lane, sequence: sequence, event: EventNumber(sequence), createdAt: .now(),
            content: Content(body: Array(#"{"deviceUdid":"\#(lane.device)","n":\#(sequence)}"#.utf8)))
        return PendingCallback(
            callback: callback, attempts: attempts, failures: Failures(steps: attempts), notBefore: notBefore)
    }
}

extension MonotonicTime {
    /// Later than anything that a test does.
    static let never = MonotonicTime(nanoseconds: .max)
}
