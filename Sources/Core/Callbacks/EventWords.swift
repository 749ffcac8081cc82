extension Status {
    /// `eventActivity` of the callback. Online and offline are a `status`, the other two a `state`: so has the spec it.
    package var eventActivity: String {
        switch self {
        case .online, .offline: "device.status.\(rawValue)"
        case .utilizing, .unplugged: "device.state.\(rawValue)"
        }
    }

    /// `eventDescription` of the callback.
    package var eventDescription: String {
        switch self {
        case .online: "Online"
        case .offline: "Offline"
        case .utilizing: "Utilizing"
        case .unplugged: "Unplugged"
        }
    }
}
