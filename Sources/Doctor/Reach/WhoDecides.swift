internal import Core

extension SensorMode {
    /// Whose word it is whether such phones can be used, as an agent that starts now would have it.
    func whoDecides(of phones: String, isAnswering: Bool) -> String {
        switch self {
        case .off: "\(phones) are usable as soon as they are there"
        case .on: "\(phones) are usable when it says so"
        case .auto where isAnswering: "\(phones) are usable when it says so"
        case .auto: "\(phones) are usable as soon as they are there, unless this host has had it before"
        }
    }
}
