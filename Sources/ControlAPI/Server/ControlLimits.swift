/// What one caller, or all of them, can make the server hold.
struct ControlLimits: Sendable {
    var bodyBytes = 64 * 1024
    var bodyTime = Duration.seconds(10)
    var headerBytes = 16 * 1024
    /// Of all callers together.
    var connections = 256
    /// Of all that may do nothing but connect: they cannot keep an administrator out.
    var connectionsOfStrangers = 32
    /// A connection without a request for this long is closed; one with an event stream is not.
    var idleTime = Duration.seconds(60)
    /// Proxies and clients give a silent connection up after half a minute or more.
    var heartbeat = Duration.seconds(15)
    /// Events that wait for one slow reader.
    var waitingEvents = 1_000
}
