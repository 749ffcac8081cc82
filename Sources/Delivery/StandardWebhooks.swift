package import Core
internal import Crypto
internal import FoundationEssentials

/// Signatures by Standard Webhooks 1.0.0, symmetric (`v1`).
package enum StandardWebhooks {
    /// The value of `webhook-signature`: one entry for each key that is good at that time, in their order; nil without any.
    ///
    /// `time` is this attempt's, to the second, as `webhook-timestamp` has it.
    package static func signature(
        of body: [UInt8], id: CallbackID, at time: WallTime, by keys: [SigningKey]
    ) -> String? {
        let good = keys.filter { $0.isGood(at: time) }
        guard !good.isEmpty else { return nil }
        let content = content(body, id: id.description, timestamp: "\(time.seconds)")
        return good.map { key in "v1," + Data(code(of: content, by: key)).base64EncodedString() }.joined(separator: " ")
    }

    /// What a receiver finds.
    package enum Verdict: String, Sendable {
        case good
        /// None of the entries fits the key and what came.
        case bad
        /// It fits, and its time is more than five minutes away from now.
        case stale
        case missing
    }

    /// Checks as a receiver does: `header` is the name of a header in lower case, or nil when it did not come.
    package static func verdict(
        on body: [UInt8], by key: SigningKey, now: WallTime, header: (String) -> String?
    ) -> Verdict {
        guard let id = header("webhook-id"), let stamp = header("webhook-timestamp"),
            let entries = header("webhook-signature")
        else { return .missing }
        let content = content(body, id: id, timestamp: stamp)
        let codes = entries.split(separator: " ").filter { $0.hasPrefix("v1,") }
            .compactMap { Data(base64Encoded: String($0.dropFirst(3))) }
        // In constant time, as a receiver ought to.
        let isGood = codes.contains { code in
            HMAC<SHA256>.isValidAuthenticationCode(code, authenticating: content, using: SymmetricKey(data: key.bytes))
        }
        guard isGood else { return .bad }
        guard let seconds = Int64(stamp), (now.seconds - 300...now.seconds + 300).contains(seconds) else {
            return .stale
        }
        return .good
    }

    /// A new secret in its usual form: 24 random bytes, which need no padding.
    package static func newSecret() -> String {
        "whsec_" + SymmetricKey(size: .init(bitCount: 192)).withUnsafeBytes { Data($0) }.base64EncodedString()
    }

    private static func content(_ body: [UInt8], id: String, timestamp: String) -> [UInt8] {
        Array("\(id).\(timestamp).".utf8) + body
    }

    private static func code(of content: [UInt8], by key: SigningKey) -> HMAC<SHA256>.MAC {
        HMAC<SHA256>.authenticationCode(for: content, using: SymmetricKey(data: key.bytes))
    }
}

extension WallTime {
    fileprivate var seconds: Int64 { milliseconds / 1000 }
}
