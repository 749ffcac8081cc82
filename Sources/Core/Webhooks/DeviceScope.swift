/// Which phones a webhook hears of: those that every kind of word allows that is given here, and of one kind one word is
/// enough. Nothing given allows all.
package struct DeviceScope: Hashable, Sendable {
    /// In any spelling.
    package var udids: [String]?
    package var names: [Glob]?
    package var platforms: [Platform]?
    /// One of them, with this value.
    package var labels: [String: String]?
    /// Of the kernel's name of a port (`1-4.2`) or of its ID_PATH.
    package var ports: [Glob]?

    package init() {}

    package var isEverything: Bool { self == DeviceScope() }

    package func includes(_ phone: Subject) -> Bool {
        let spellings = { (text: String) in [UDID(text), UDID(apple: text)].compactMap(\.self) }
        return udids.allow { spellings($0).contains(phone.udid) } && names.allow { $0.matches(phone.name) }
            && platforms.allow { $0 == phone.platform }
            && labels.allow { phone.labels[$0.key] == $0.value }
            && ports.allow { port in phone.ports.contains { port.matches($0) } }
    }

    /// A phone as it is, or as it was when something happened to it.
    package struct Subject: Hashable, Sendable {
        package let udid: UDID
        package let name: String
        package let platform: Platform?
        package let labels: [String: String]
        /// Where it hangs or was last, by each of the port's names.
        package let ports: [String]

        package init(_ phone: Phone) {
            self.init(
                udid: phone.record.udid, name: phone.record.name, platform: phone.record.platform,
                port: phone.record.port, phone)
        }

        /// `phone` is what is known of it beside.
        package init(of event: StatusEvent, _ phone: Phone?) {
            self.init(udid: event.device, name: event.name, platform: event.platform, port: event.port, phone)
        }

        private init(udid: UDID, name: String, platform: Platform?, port: PortPath?, _ phone: Phone?) {
            self.udid = udid
            self.name = name
            self.platform = platform
            labels = phone?.labels ?? [:]
            ports = [port?.description, phone?.record.idPath].compactMap(\.self)
        }
    }
}

extension Optional where Wrapped: Sequence {
    /// Nothing given, or one that is meant.
    fileprivate func allow(_ isMeant: (Wrapped.Element) -> Bool) -> Bool {
        map { $0.contains(where: isMeant) } ?? true
    }
}
