/// The phones that the configuration lists, found by identity and by port.
package struct ListedDevices: Hashable, Sendable {
    private var byIdentity: [UDID: ListedDevice] = [:]
    private var byPort: [String: ListedDevice] = [:]

    package init(_ devices: [ListedDevice] = []) {
        for device in devices {
            byIdentity[UDID(device.udid)] = device
            if let apple = UDID(apple: device.udid) { byIdentity[apple] = byIdentity[apple] ?? device }
            if let port = device.port { byPort[port] = device }
        }
    }

    package subscript(udid udid: UDID) -> ListedDevice? { byIdentity[udid] }

    package func bound(to idPath: String?) -> ListedDevice? { idPath.flatMap { byPort[$0] } }

    /// The identities that are to be known from the start. Apple's come in their canonical spelling only.
    package var identities: [UDID] {
        byIdentity.filter { udid, device in
            !device.isIgnored && (UDID(apple: device.udid).map { $0 == udid } ?? true)
        }.keys.sorted { $0.description < $1.description }
    }
}
