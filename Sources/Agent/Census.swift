internal import Core

/// How many phones have which status, for the service manager's status line; and since when each has it.
struct Census: CustomStringConvertible {
    private var statuses: [UDID: Status] = [:]
    private var beginnings: [UDID: WallTime] = [:]

    mutating func restore(_ records: [DeviceRecord], _ since: [UDID: WallTime]) {
        for record in records { statuses[record.udid] = record.reported }
        beginnings = since
    }

    /// Of a change of status.
    mutating func record(_ event: StatusEvent, at time: WallTime) {
        statuses[event.device] = event.status
        beginnings[event.device] = time
    }

    mutating func forget(_ udid: UDID) {
        statuses[udid] = nil
        beginnings[udid] = nil
    }

    /// Nil while nothing was reported of it, or by a version that did not remember when.
    func since(_ udid: UDID) -> WallTime? { beginnings[udid] }

    var description: String {
        Status.allCases.map { status in "\(status.rawValue) \(statuses.values.count { $0 == status })" }
            .joined(separator: ", ")
    }
}
