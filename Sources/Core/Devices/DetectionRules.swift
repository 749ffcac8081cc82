/// Which USB devices are phones, beyond what is built in, and how long a change must last before it counts.
package struct DetectionRules: Hashable, Sendable {
    /// Vendor and, unless nil, product ids that are phones whatever else they show.
    package struct Include: Hashable, Sendable {
        package let vendorID: UInt16
        package let productID: UInt16?
        package init(vendorID: UInt16, productID: UInt16?) {
            self.vendorID = vendorID
            self.productID = productID
        }
    }

    package var include: [Include] = []
    /// The group of phones that the configuration does not list.
    package var unlistedGroup: DeviceGroup = .local
    /// How long a phone must be gone before it is unplugged.
    package var unplugSettle: Duration = .milliseconds(1_500)
    /// How long it must be unusable before it is offline.
    package var offlineHold: Duration = .seconds(5)
    /// How long it must be usable again, after it was not.
    package var onlineHold: Duration = .seconds(1)
    /// How long a present phone may stay without any verdict.
    package var activation: Duration = .seconds(30)
    /// How long absences wait after a start.
    package var startSettle: Duration = .seconds(5)
    /// The same on a new boot: a rack takes its time to enumerate.
    package var bootSettle: Duration = .seconds(60)
    package init() {}
}

/// What the configuration says of one phone.
package struct ListedDevice: Hashable, Sendable {
    /// As written in the file: an Android serial, Apple's identifier in either spelling, or a name for a bound port.
    package var udid: String
    package var name: String?
    /// Nil means `local`.
    package var group: DeviceGroup?
    package var labels: [String: String]
    /// An `ID_PATH`: names the phone that hangs there and has no unique serial of its own.
    package var port: String?
    /// Never watched, never shown.
    package var isIgnored: Bool

    package init(
        udid: String, name: String? = nil, group: DeviceGroup? = nil, labels: [String: String] = [:],
        port: String? = nil, isIgnored: Bool = false
    ) {
        self.udid = udid
        self.name = name
        self.group = group
        self.labels = labels
        self.port = port
        self.isIgnored = isIgnored
    }
}
