internal import Core
package import Linux

/// Why there is no sensor for an adb server.
package enum ADBSensorError: Error, Hashable, CustomStringConvertible {
    /// Looking a name up could keep everything waiting.
    case notNumeric(String)
    case system(SystemError)

    package var description: String {
        switch self {
        case .notNumeric(let server):
            "\"\(server.printable)\" is no numeric address with a port: write it like 127.0.0.1:5037, [::1]:5037 or "
                + "localhost:5037"
        case .system(let error): error.description
        }
    }
}
