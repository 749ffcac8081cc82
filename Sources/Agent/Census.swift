internal import Core

/// How many phones have which status: for the service manager's status line.
struct Census: CustomStringConvertible {
    private var statuses: [UDID: Status] = [:]

    mutating func restore(_ records: [DeviceRecord]) {
        for record in records { statuses[record.udid] = record.reported }
    }

    mutating func record(_ event: StatusEvent) { statuses[event.device] = event.status }

    mutating func forget(_ udid: UDID) { statuses[udid] = nil }

    var description: String {
        Status.allCases.map { status in "\(status.rawValue) \(statuses.values.count { $0 == status })" }
            .joined(separator: ", ")
    }
}
