/// What a sensor tells, in order.
package enum SensorReport: Hashable, Sendable {
    /// All that this source says now of the phones attached to it; replaces what it said before.
    case phones([SensedPhone])
    /// The source is away (and is looked for); what it said before is to be kept and flagged.
    case lost(SensorSource, why: String)
    /// The source answers again (or for the first time); its `phones` follows.
    case found(SensorSource)
}

/// Where a sensor's knowledge comes from, as the configuration names it.
package enum SensorSource: Hashable, Sendable, CustomStringConvertible {
    case adb(server: String)
    case usbmuxd(socket: String)

    package var description: String {
        switch self {
        case .adb(let server): "adb \(server)"
        case .usbmuxd(let socket): "usbmuxd \(socket)"
        }
    }
}

/// One phone, as a sensor sees it.
package struct SensedPhone: Hashable, Sendable {
    package var source: SensorSource
    /// Which of the source's phones it is.
    package var identity: Identity
    package var verdict: Verdict
    /// What it says of itself, when asked; nil when not known (yet).
    package var facts: PhoneFacts?

    package var place: Place? { identity.place }
    package var serial: String { identity.serial }

    package enum Place: Hashable, Sendable { case port(PortPath), bus(Int, device: Int) }

    package struct Identity: Hashable, Sendable {
        /// Where it hangs, as far as the sensor knows: adb's `usb:1-4.2`; for usbmuxd bus and device number.
        package let place: Place?
        /// adb's serial, or the UDID in the dashed form. Printable, and empty for a phone that tells none.
        package let serial: String

        /// `serial` becomes bounded, printable text.
        package init(place: Place?, serial: String) {
            self.place = place
            self.serial = serial.sensed(atMost: Self.longestSerial)
        }

        /// In Unicode scalars: more than the 126 that a USB string descriptor holds.
        private static let longestSerial = 200
    }

    /// `serial` becomes bounded, printable text.
    package init(source: SensorSource, place: Place?, serial: String, verdict: Verdict, facts: PhoneFacts? = nil) {
        self.source = source
        identity = Identity(place: place, serial: serial)
        self.verdict = verdict
        self.facts = facts
    }
}

/// What a phone says of itself; each is bounded, printable and not empty.
package struct PhoneFacts: Hashable, Sendable {
    /// What its owner or its maker calls it.
    package var name: String?
    package var model: String?
    package var osVersion: String?

    /// Makes bounded, printable text of each; nil of what is empty then.
    package init(name: String? = nil, model: String? = nil, osVersion: String? = nil) {
        self.name = Self.fact(name)
        self.model = Self.fact(model)
        self.osVersion = Self.fact(osVersion)
    }

    /// What to show it by: its own name, else its model's.
    package var displayName: String? { name ?? model }

    private static func fact(_ text: String?) -> String? {
        guard let text = text?.sensed(atMost: longest), !text.isEmpty else { return nil }
        return text
    }

    /// In Unicode scalars.
    private static let longest = 128
}
