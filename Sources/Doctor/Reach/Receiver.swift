internal import PlughookConfiguration
internal import Core
internal import Delivery
internal import Linux

/// Whether a callback would come as far as the receiver's HTTP server.
struct Receiver: Hashable {
    static let limit = Duration.seconds(5)
    /// At once, so that the 64 that are tried at most take four times the limit.
    static let width = 16
    static let most = 64

    var origin: Origin
    /// Nil when a connection stood, and for `https` its certificate held.
    var failure: ReceiverProbe.Failure?

    var diagnosis: Diagnosis {
        guard let failure else {
            let secured = origin.scheme == "https" ? ", its certificate is good" : ""
            return .ok(.receiver, "\(origin.endpoint): accepts connections\(secured)")
        }
        let found = "\(origin.endpoint): \(failure.words)"
        let host = origin.host.shellWord
        let mend =
            switch failure.outcome {
            case .dns: "getent hosts \(host) is to find it: correct the webhook's url, or this host's resolver"
            case .tls:
                "the certificate must be for \(host), in date and from an authority that this host trusts: put your own into "
                    + "/usr/local/share/ca-certificates, then update-ca-certificates"
            case .timeout: "open the way to it in firewalls between, or correct the webhook's url"
            case .blocked:
                "allow the address: \"addresses\": {\"allow\": […]} in the webhook, and none that denies it; or correct the "
                    + "webhook's url"
            default: "start the receiver, open the way to it, or correct the webhook's url"
            }
        return .problem(.receiver, found, mend: mend)
    }
}

extension Receiver {
    /// Tries all that enabled webhooks go to, each host and port once for what it must be, and sends nothing.
    ///
    /// Blocks, for 20 s at most.
    static func diagnoses(of webhooks: [WebhookDefinition], from host: AddressRules) -> [Diagnosis] {
        var wanted: [Wanted] = []
        for webhook in webhooks where webhook.isEnabled {
            let one = Wanted(
                origin: Origin(url: webhook.url), tls: webhook.requirements,
                policy: AddressPolicy(host: host, webhook: webhook.addresses), proxy: webhook.way)
            if !wanted.contains(one) { wanted.append(one) }
        }
        let tried = wanted.prefix(most).mapInThreads(width: width) { one in
            Receiver(origin: one.origin, failure: probe(one)).diagnosis
        }
        let left = wanted.count - tried.count
        return left > 0 ? tried + [.skipped(.receiver, "\(left) more receivers were not tried")] : tried
    }

    private struct Wanted: Hashable {
        let origin: Origin
        let tls: TLSRequirements
        let policy: AddressPolicy
        let proxy: ProxyChoice
    }

    private static func probe(_ wanted: Wanted) -> ReceiverProbe.Failure? {
        do throws(ReceiverProbe.Failure) {
            try ReceiverProbe.reach(
                wanted.origin.url, tls: wanted.tls, policy: wanted.policy, proxy: wanted.proxy, within: limit)
            return nil
        } catch {
            return error
        }
    }
}
