import Foundation
import Glibc
import Linux
import NIOHTTP1
import TestSupport
import Testing

@testable import ControlAPI

@Suite struct SocketFileTests {
    private let seams = ControlServer.Seams(access: TestServer.access)

    private func mode(_ path: String) -> mode_t {
        var status = stat()
        lstat(path, &status)
        return status.st_mode & 0o777
    }

    @Test func start_MakesDirectoryAndSocket_StopTakesTheSocketAway() async throws {
        try await withTemporaryDirectory { directory in
            let test = TestServer(directory + "/run/control.sock", seams: seams)
            try await test.start()
            #expect(mode(directory + "/run") == 0o755)
            #expect(mode(test.socket) == 0o666)
            await test.stop()
            #expect(!FileManager.default.fileExists(atPath: test.socket))
        }
    }

    /// An agent was killed: its socket is there and nobody answers on it.
    @Test func socketOfADeadAgent_IsReplaced() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/control.sock"
            let dead = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
            let bound = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(dead, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
            #expect(bound == 0)
            close(dead)
            let test = TestServer(path, seams: seams)
            try await test.start()
            #expect(try await test.ask(.GET, "/healthz").status == 200)
            await test.stop()
        }
    }

    @Test func liveAgentsSocket_IsLeftAlone() async throws {
        try await TestServer.run { first in
            let second = TestServer(first.socket, seams: seams)
            let problem: String
            do {
                try await second.start()
                problem = "none"
            } catch let error as ControlServerError {
                problem = error.problem
            }
            #expect(problem == "another program answers there")
            second.server.stop()
            #expect(try await first.ask(.GET, "/healthz").status == 200)
        }
    }

    @Test func fileThatIsNoSocket_IsRefused() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/control.sock"
            #expect(FileManager.default.createFile(atPath: path, contents: Data("mine".utf8)))
            let error = await #expect(throws: ControlServerError.self) {
                try await TestServer(path, seams: seams).start()
            }
            #expect(error?.description.contains("no socket") == true)
            #expect(FileManager.default.contents(atPath: path) == Data("mine".utf8))
        }
    }

    @Test func missingParents_AreNamedAndNotMade() async throws {
        try await withTemporaryDirectory { directory in
            let error = await #expect(throws: ControlServerError.self) {
                try await TestServer(directory + "/a/b/control.sock", seams: seams).start()
            }
            #expect(error?.advice.contains("create its parent directory") == true)
        }
    }
}
