/// Why the control API does not listen.
package struct ControlServerError: Error, Hashable, CustomStringConvertible {
    /// The path of the socket, or host and port.
    package let address: String
    package let problem: String
    /// What to do.
    package let advice: String

    package var description: String { "cannot listen on \(address): \(problem); \(advice)" }
}
