import Foundation
import TestSupport
import Testing

@testable import Hotplug

@Suite struct UdevReachTests {
    private let temporary: TemporaryDirectory
    private var root: URL { URL(filePath: temporary.path) }
    private let reach: UdevReach

    init() throws {
        temporary = try TemporaryDirectory()
        reach = UdevReach(control: temporary.path + "/control", networkSettings: temporary.path)
    }

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
