import Core
import Linux
import Testing

@testable import ControlAPI

@Suite struct AccessTests {
    private typealias Peer = TestServer.Peer

    @Test func permissions_AreThoseOfRootAndTheGroups() {
        let access = TestServer.access
        #expect(access.caller(Peer.root).permissions == Set(Permission.allCases))
        #expect(access.caller(Peer.admin).permissions == Set(Permission.allCases))
        #expect(access.caller(Peer.viewer).permissions == [.deviceView, .sessionManage])
        #expect(access.caller(Peer.stranger).permissions.isEmpty)
        #expect(access.caller(Peer.service).permissions.isEmpty)
    }

    @Test func agentsOwnUser_MayDoAll_OnlyWhereNeitherGroupExists() {
        var access = Access(adminGroup: nil, viewGroup: nil, agentUser: 77)
        #expect(access.caller(Peer.service).permissions == Set(Permission.allCases))
        #expect(access.caller(Peer.stranger).permissions.isEmpty)
        access.viewGroup = 901
        #expect(access.caller(Peer.service).permissions.isEmpty)
    }

    @Test func advice_SaysHowToMakeAGroupThatIsMissing() {
        let access = Access(adminGroup: nil, viewGroup: 901, agentUser: 77)
        #expect(access.advice(for: .admin, userName: "anna").contains("groupadd --system plughook-admin"))
        #expect(access.advice(for: .view, userName: nil).contains("usermod -aG plughook-view NAME"))
    }
}
