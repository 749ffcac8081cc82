/// What somebody says of the addresses that callbacks may go to.
package struct AddressRules: Hashable, Sendable {
    package var allow: [AddressRange]
    package var deny: [AddressRange]
    /// Besides what is denied, all is refused that is not on the public Internet.
    package var publicOnly: Bool

    package init(allow: [AddressRange] = [], deny: [AddressRange] = [], publicOnly: Bool = false) {
        self.allow = allow
        self.deny = deny
        self.publicOnly = publicOnly
    }

    /// The longest range that fits decides; of two that are as long, the one that denies.
    fileprivate func word(on address: IPAddress) -> AddressPolicy.Word? {
        let allowed = allow.filter { $0.contains(address) }.max { $0.length < $1.length }
        let denied = deny.filter { $0.contains(address) }.max { $0.length < $1.length }
        if let denied, denied.length >= allowed?.length ?? 0 { return .denied(by: denied) }
        return allowed.map { _ in .allowed }
    }
}

/// Where callbacks may go to: what keeps a URL, or a name that somebody else resolves, from making the agent talk to what
/// only hosts like this one can reach.
///
/// An address is refused when the host's rules or the webhook's deny it: neither undoes what the other denies. One that
/// neither names is refused when it is never a receiver's: of the link (cloud machines are told their secrets there), of a
/// group, of all, of none. Private addresses and this host's own are receivers' like any other, unless `publicOnly` is set.
/// The address in an address (`IPAddress.embedded`) must be permitted, too.
package struct AddressPolicy: Hashable, Sendable {
    package var host: AddressRules
    package var webhook: AddressRules

    package init(host: AddressRules = AddressRules(), webhook: AddressRules = AddressRules()) {
        self.host = host
        self.webhook = webhook
    }

    fileprivate enum Word {
        case allowed
        case denied(by: AddressRange)
    }

    /// Why nothing is sent there, to be read behind the address; nil when it may be.
    package func objection(to address: IPAddress) -> String? {
        if let objection = ownObjection(to: address) { return objection }
        guard let inner = address.embedded, let objection = ownObjection(to: inner) else { return nil }
        return "stands for \(inner), which \(objection)"
    }

    private func ownObjection(to address: IPAddress) -> String? {
        let words = [host, webhook].compactMap { $0.word(on: address) }
        for case .denied(let range) in words { return "is in \(range), which is denied" }
        guard words.isEmpty else { return nil }
        if let range = Self.neverReceivers.first(where: { $0.0.contains(address) }) { return "is \(range.1)" }
        guard host.publicOnly || webhook.publicOnly, address.embedded == nil else { return nil }
        return Self.isPublic(address) ? nil : "is no public address"
    }

    /// What no receiver has, by the registries of special addresses of IANA (RFC 6890), and where clouds tell their machines
    /// of themselves.
    private static let neverReceivers: [(AddressRange, String)] = ranges([
        ("0.0.0.0/8", "no address of a host"), ("::/128", "no address of a host"),
        ("169.254.0.0/16", "a link-local address, where clouds keep what only their machines may know"),
        ("fe80::/10", "a link-local address"),
        ("fd00:ec2::254/128", "the metadata service of a cloud"),
        ("fd20:ce::254/128", "the metadata service of a cloud"),
        ("100.100.100.200/32", "the metadata service of a cloud"),
        ("192.0.0.192/32", "the metadata service of a cloud"),
        ("168.63.129.16/32", "the metadata service of a cloud"),
        ("224.0.0.0/4", "a multicast address"), ("ff00::/8", "a multicast address"),
        ("255.255.255.255/32", "the broadcast address"),
    ])

    /// Not globally reachable by the same registries; of IPv6 that is all but 2000::/3, and this within it.
    private static let notPublic: [(AddressRange, String)] = ranges(
        [
            "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
            "192.88.99.0/24",
            "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4", "2001::/23",
            "2001:db8::/32", "3fff::/20",
        ].map { ($0, "") })
    private static let globalUnicast = ranges([("2000::/3", "")])

    private static func isPublic(_ address: IPAddress) -> Bool {
        let isOutside = !address.isV4 && !globalUnicast.contains { $0.0.contains(address) }
        return !isOutside && !notPublic.contains { $0.0.contains(address) }
    }

    private static func ranges(_ texts: [(String, String)]) -> [(AddressRange, String)] {
        texts.compactMap { text, noun in AddressRange(text).map { ($0, noun) } }
    }
}
