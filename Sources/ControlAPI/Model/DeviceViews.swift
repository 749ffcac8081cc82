// What goes over the wire, as the commands and other programs see it. Times are RFC 3339, UTC, with milliseconds: here and
// in the files beside this one.

package struct DeviceView: Codable, Hashable, Sendable {
    package var udid: String
    package var name: String
    /// `online`, `offline`, `utilizing`, `unplugged`; nil while nothing was reported of it yet.
    package var status: String?
    /// When this status began: the `at` of its event. Nil while that is not known.
    package var since: String?
    /// Why it is offline.
    package var reason: String?
    /// `private`, `local` or `public`.
    package var group: String
    /// `android` or `ios`.
    package var platform: String?
    /// As in sysfs: `1-4.2`.
    package var port: String?
    package var idPath: String?
    package var isListed: Bool
    package var labels: [String: String]
    /// What the phone says of itself, once a sensor has asked it.
    package var model: String?
    package var osVersion: String?
    /// Who says whether it is usable, `adb` or `usbmuxd`; nil: it is as soon as it is there.
    package var sensor: String?
    /// What is wrong with what is known of it: `adbServerDown`, `usbmuxdDown`.
    package var flags: [String]
    /// While somebody has said that it will be away.
    package var expectedAbsence: ExpectedAbsenceView?
    /// Where it hangs now, in the order of arrival. Two: a move that overlaps, or two phones with one serial.
    package var places: [PlaceView]
    /// Who has it now, in the order of their start.
    package var sessions: [SessionView]
    package init(
        udid: String, name: String, status: String?, since: String? = nil, reason: String?, group: String,
        platform: String?, port: String?, idPath: String?, isListed: Bool, labels: [String: String],
        model: String? = nil, osVersion: String? = nil, sensor: String? = nil, flags: [String] = [],
        expectedAbsence: ExpectedAbsenceView? = nil, places: [PlaceView] = [], sessions: [SessionView] = []
    ) {
        self.udid = udid
        self.name = name
        self.status = status
        self.since = since
        self.reason = reason
        self.group = group
        self.platform = platform
        self.port = port
        self.idPath = idPath
        self.isListed = isListed
        self.labels = labels
        self.model = model
        self.osVersion = osVersion
        self.sensor = sensor
        self.flags = flags
        self.expectedAbsence = expectedAbsence
        self.places = places
        self.sessions = sessions
    }
}

package struct PlaceView: Codable, Hashable, Sendable {
    /// As in sysfs: `1-4.2`.
    package var port: String
    package var idPath: String?
    package init(port: String, idPath: String?) {
        self.port = port
        self.idPath = idPath
    }
}

/// A phone that tells nothing that it could be told by; it has no status until its port is bound to a name.
package struct UnidentifiedView: Codable, Hashable, Sendable {
    /// As in sysfs: `1-4.2`.
    package var port: String
    package var idPath: String?
    /// `android` or `ios`.
    package var platform: String
    package var product: String?
    /// `noSerial`, or the mode that hides the serial.
    package var reason: String
    package init(port: String, idPath: String?, platform: String, product: String?, reason: String) {
        self.port = port
        self.idPath = idPath
        self.platform = platform
        self.product = product
        self.reason = reason
    }
}

package struct DeviceList: Codable, Hashable, Sendable {
    /// In order of their UDID.
    package var devices: [DeviceView]
    /// In order of their ports.
    package var unidentified: [UnidentifiedView]
    package init(devices: [DeviceView], unidentified: [UnidentifiedView]) {
        self.devices = devices
        self.unidentified = unidentified
    }
}

package struct ExpectedAbsenceView: Codable, Hashable, Sendable {
    package var until: String
    /// Why, in the words of whoever said so.
    package var reason: String?
    package init(until: String, reason: String?) {
        self.until = until
        self.reason = reason
    }
}
