import Foundation
import Glibc
import Linux
import Testing

/// What is written here the kernel tells to all who listen (`Documentation/ABI/testing/sysfs-uevent`).
private let null = "/sys/class/mem/null/uevent"

/// On the kernel's real socket. Who may make it speak is root.
@Suite(.enabled(if: geteuid() == 0 && FileManager.default.isWritableFile(atPath: null)))
final class UeventSocketTests {
    let socket: UeventSocket
    /// Tells this test's events from those of others, on this host and in this run.
    let mark = UUID().uuidString.lowercased()

    init() throws { socket = try UeventSocket() }

    /// Has the kernel send an event of the null device's.
    private func change() throws { try Data("change \(mark)".utf8).write(to: URL(fileURLWithPath: null)) }

    /// All that has come, of any device of the host.
    private func received() -> [UeventSocket.Received] {
        var all: [UeventSocket.Received] = []
        while true {
            let next = socket.receive()
            if next == .nothing { return all }
            all.append(next)
        }
    }

    private func isMarked(_ received: UeventSocket.Received) -> Bool {
        guard case .message(let bytes) = received else { return false }
        return bytes.starts(with: "change@/devices/virtual/mem/null".utf8 + [0])
            && bytes.split(separator: 0).contains { $0.elementsEqual("SYNTH_UUID=\(mark)".utf8) }
    }

    @Test func whatTheKernelTells_ComesOnceAndWhole() throws {
        _ = received()
        try change()
        try change()
        #expect(received().count(where: isMarked) == 2)
        #expect(received().count(where: isMarked) == 0)
    }

    @Test func whatAProcessSends_IsRefused() throws {
        var address = sockaddr()
        var size = socklen_t(12)  // of struct sockaddr_nl: family, port, groups
        getsockname(socket.descriptor, &address, &size)
        // To that socket alone.
        withUnsafeMutableBytes(of: &address) { $0.storeBytes(of: 0, toByteOffset: 8, as: UInt32.self) }
        let other = Glibc.socket(AF_NETLINK, Int32(SOCK_RAW.rawValue), 15)
        defer { close(other) }
        let forged = Array("remove@/devices/x".utf8) + [0]
        #expect(sendto(other, forged, forged.count, 0, &address, size) == forged.count)
        let all = received()
        #expect(all.contains(.refused))
        #expect(!all.contains(.message(forged)))
    }

    /// The kernel says once that it has dropped messages, and speaks again when all the rest is taken.
    @Test func moreThanFits_IsAnOverflow_AndThenItGoesOn() throws {
        var small: Int32 = 8_192  // for some ten messages
        setsockopt(socket.descriptor, SOL_SOCKET, SO_RCVBUF, &small, socklen_t(MemoryLayout<Int32>.size))
        for _ in 0..<100 { try change() }
        #expect(received().contains(.overflow))
        try change()
        #expect(received().contains(where: isMarked))
    }
}
