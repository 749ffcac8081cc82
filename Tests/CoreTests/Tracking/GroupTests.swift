import Core
import Testing

/// To which group an event's phone belongs. Who is told of it is `CallbackPlan`'s affair.
struct GroupTests {
    private func group(_ listed: [ListedDevice], unlisted: DeviceGroup = .local) -> DeviceGroup? {
        var lab = Scenario.running(listed: listed, rules: .with { $0.unlistedGroup = unlisted })
        lab.attach(.android("A"))
        return lab.events().first?.group
    }

    @Test(arguments: DeviceGroup.allCases) func unlisted_hasTheConfiguredGroup(_ group: DeviceGroup) {
        #expect(self.group([], unlisted: group) == group)
    }

    @Test(arguments: DeviceGroup.allCases) func listed_hasItsOwnGroup(_ group: DeviceGroup) {
        #expect(self.group([ListedDevice(udid: "A", group: group)]) == group)
    }

    @Test func listed_isLocal_whenItsGroupIsLeftOut() {
        #expect(group([ListedDevice(udid: "A")], unlisted: .public) == .local)
    }

    @Test func public_isRecordedAsAnyOther() {
        var lab = Scenario.running(listed: [ListedDevice(udid: "A", group: .public)])
        lab.attach(.android("A"))
        lab.detach(.android("A"))
        lab.wait(.seconds(2))
        let events = lab.events()
        #expect(
            events.map(\.status) == [.online, .unplugged] && events.allSatisfy { $0.group == .public && !$0.isSilent })
    }
}
