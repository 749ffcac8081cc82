package import Core

/// What is a phone, where its comings and goings are seen, and how long they must last.
package struct DetectionSettings: Hashable, Sendable {
    package var hotplug: HotplugChoice = .auto
    package var rules = DetectionRules()
    /// How long a sensor may be away before its loss counts.
    package var sensorGrace: Duration = .seconds(15)
    /// How often all that is there is compared with all that is known, events or not.
    package var reconcile: Duration = .seconds(30)

    static let kind = Kind<DetectionSettings>.object(
        DetectionSettings(),
        [
            Field("hotplug", \.hotplug, .choice(), "Where USB events come from."),
            Field("unlistedGroup", \.rules.unlistedGroup, .choice(), "The group of phones that are not listed."),
            Field(
                "include", \.rules.include, .list(of: .include),
                "USB ids that are phones whatever else they show, beyond what is built in."),
            Field(
                "unplugSettleMs", \.rules.unplugSettle, .milliseconds(0...60_000),
                "How long a phone must be gone before it is unplugged; 0 is at once."),
            Field(
                "offlineHoldMs", \.rules.offlineHold, .milliseconds(0...600_000),
                "How long a phone must be unusable before it is offline."),
            Field(
                "onlineHoldMs", \.rules.onlineHold, .milliseconds(0...600_000),
                "How long a phone must be usable again, after it was not."),
            Field(
                "activationMs", \.rules.activation, .milliseconds(1000...600_000),
                "How long a phone that came may stay without any verdict."),
            Field(
                "sensorGraceMs", \.sensorGrace, .milliseconds(0...600_000),
                "How long a sensor may be away before its loss counts."),
            Field(
                "reconcileMs", \.reconcile, .milliseconds(1000...3_600_000),
                "How often all that is there is compared with all that is known."),
            Field(
                "startSettleMs", \.rules.startSettle, .milliseconds(0...600_000),
                "How long absences wait at most after a start."),
            Field(
                "bootSettleMs", \.rules.bootSettle, .milliseconds(0...600_000),
                "How long absences wait after the host's boot: a rack takes its time to enumerate."),
        ])
}

/// The ids as they are read: what the rules hold cannot be changed key by key.
private struct IncludeDraft: Hashable {
    var vendorID: UInt16 = 0
    var productID: UInt16?
}

extension Kind where Value == DetectionRules.Include {
    fileprivate static var include: Kind {
        Kind<IncludeDraft>.object(
            IncludeDraft(),
            [
                Field("vendorId", \.vendorID, .usbID, isRequired: true, "The vendor id, as lsusb shows it."),
                Field("productId", \.productID, Kind<UInt16>.usbID.orNone, "The product id; every one by default."),
            ]
        )
        .converted(
            back: { IncludeDraft(vendorID: $0.vendorID, productID: $0.productID) },
            by: { Value(vendorID: $0.vendorID, productID: $0.productID) })
    }
}
