internal import Core
internal import Linux

/// The kernel's own messages about USB devices (not their interfaces), as they happen.
///
/// Read without libudev, which makes an object of every message of the host, property by property, before it looks
/// whether anybody wants it: a phone's interfaces go before the phone itself, and its removal waits behind them.
/// Receiving is on when it is made. For one thread.
struct KernelMonitor: ~Copyable {
    private let socket: UeventSocket

    init() throws(SystemError) { socket = try UeventSocket() }

    /// Readable while there is something to receive.
    var descriptor: Int32 { socket.descriptor }

    /// What the kernel keeps for us, in bytes of its own accounting.
    var receiveBuffer: Int { socket.receiveBuffer }

    /// Takes the next message; does not wait.
    func receive() -> Received {
        switch socket.receive() {
        case .message(let bytes): Uevent(kernelMessage: bytes).map { .message($0) } ?? .refused
        case .refused: .refused
        case .overflow: .overflow
        case .nothing: .nothing
        }
    }
}
