import Foundation
import Testing

@testable import Hotplug

@Suite final class UdevReachTests {
    private let root = FileManager.default.temporaryDirectory.appending(path: "plughook-\(UUID().uuidString)")
    private let reach: UdevReach

    init() throws {
        try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
        reach = UdevReach(control: root.appending(path: "control").path, networkSettings: root.path)
    }

    deinit { try? FileManager.default.removeItem(at: root) }

    @Test func noControl_IsAnObstacle() {
        #expect(reach.obstacle() == .noUdevControl)
    }

    @Test func hostsNetwork_IsNone() throws {
        try touch("control", "somaxconn", "dev_weight")
        #expect(reach.obstacle() == nil)
    }

    @Test func anotherNetworkNamespace_IsAnObstacle() throws {
        try touch("control", "somaxconn")
        #expect(reach.obstacle() == .foreignNetworkNamespace)
    }

    /// `ProcSubset=pid` hides `/proc/sys`.
    @Test func hiddenSettings_ProveNothing() throws {
        try touch("control")
        #expect(reach.obstacle() == nil)
    }

    private func touch(_ names: String...) throws {
        for name in names { try Data().write(to: root.appending(path: name)) }
    }
}
