internal import Core
internal import Delivery
internal import Glibc

/// A request and its answer as a line for people; control characters are escaped.
struct HumanLine {
    let text: String

    /// `timesSeen` counts this request among those with its `webhook-id`.
    init(_ request: ReceivedRequest, answer: AnswerPlan.Answer, timesSeen: Int, signature: StandardWebhooks.Verdict?) {
        var parts = [Self.timeOfDay()]
        if let callback = request.callback {
            parts.append(callback.eventDescription.padded(to: 9))
            parts.append("\(callback.deviceName) (\(callback.deviceUdid))")
            parts.append("for \"\(callback.webhookName)\"")
        } else {
            parts.append("\(request.method) \(request.path)")
            parts.append(Self.describeBody(of: request))
        }
        if let sequence = request.headers["plughook-sequence"] { parts.append("#\(sequence)") }
        if timesSeen > 1 { parts.append("attempt \(timesSeen) of it seen here") }
        if let signature { parts.append("signature \(signature.rawValue)") }
        switch answer {
        case .status(let status): parts.append("→ \(status)")
        case .drop: parts.append("→ closed without an answer")
        }
        text = parts.joined(separator: "  ").printable
    }

    private static func describeBody(of request: ReceivedRequest) -> String {
        if request.isTooLong { return "more than \(RequestHandler.longestBody >> 20) MiB" }
        if request.body.isEmpty { return "no body" }
        let type = request.headers["content-type"] ?? "no content type"
        let text = request.bodyText
        return "\(type), \(request.body.count) bytes: \(text.prefix(200))\(text.count > 200 ? "…" : "")"
    }

    /// Local time, as the onlooker's clock has it.
    private static func timeOfDay() -> String {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        var parts = tm()
        localtime_r(&now.tv_sec, &parts)
        let clock = [parts.tm_hour, parts.tm_min, parts.tm_sec].map { String(Int($0)).padded(to: 2, with: "0") }
        return clock.joined(separator: ":") + "." + String(now.tv_nsec / 1_000_000).padded(to: 3, with: "0")
    }
}

extension String {
    /// Digits get it in front, words behind.
    fileprivate func padded(to width: Int, with padding: Character = " ") -> String {
        let missing = String(repeating: padding, count: max(0, width - count))
        return padding == " " ? self + missing : missing + self
    }
}
