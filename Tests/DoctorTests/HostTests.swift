import Core
import Glibc
import Linux
import TestSupport
import Testing

@testable import Doctor

@Suite struct HostTests {
    // MARK: - Who starts it

    private func supervisor(_ files: String...) throws -> Supervisor {
        var found: Supervisor?
        try withTemporaryDirectory { root in
            for file in files {
                var directory = root
                for part in file.split(separator: "/").dropLast() {
                    directory += "/" + part
                    mkdir(directory, 0o755)
                }
                try write("", to: root + file)
            }
            found = Supervisor(root: root)
        }
        return try #require(found)
    }

    @Test func service_IsLookedForWhereSystemdRuns() throws {
        let systemd = "/run/systemd/system/x", unit = "/usr/lib/systemd/system/plughook.service"
        let wanted = "/etc/systemd/system/multi-user.target.wants/plughook.service"
        #expect(try supervisor(systemd).diagnosis.found.contains("is not installed"))
        #expect(try supervisor(systemd, unit).diagnosis.mend == "systemctl enable --now plughook.service")
        #expect(try supervisor(systemd, unit, wanted).diagnosis.verdict == .ok)
        let own = "/etc/systemd/system/plughook.service"
        #expect(try supervisor(systemd, unit, own, wanted).diagnosis.found.hasPrefix(own))
    }

    @Test(arguments: ["/run/.containerenv", "/.dockerenv", "/run/systemd/container"])
    func service_IsTheRuntimesAffair_InAContainer(mark: String) throws {
        #expect(try supervisor(mark).diagnosis.verdict == .skipped)
        #expect(try supervisor(mark, "/run/systemd/system/x").sight == .systemd(unit: nil, isEnabled: false))
    }

    @Test func service_IsMissedWhereNobodyStartsIt() throws {
        let diagnosis = try supervisor().diagnosis
        #expect(diagnosis.verdict == .warning)
        #expect(diagnosis.mend?.contains("packaging/examples/runit") == true)
    }

    // MARK: - udev

    @Test(arguments: [UdevDaemon.Control.missing, .notASocket])
    func udevd_ThatIsNotThere_IsAWarningWhenThereIsAnotherWay(_ control: UdevDaemon.Control) {
        #expect(UdevDaemon(choice: .auto, control: control).diagnosis.verdict == .warning)
        #expect(UdevDaemon(choice: .udev, control: control).diagnosis.verdict == .problem)
        #expect(UdevDaemon(choice: .libusb, control: control).diagnosis.verdict == .problem)
    }

    @Test func udevd_ThatIsStuck_IsTold() {
        var daemon = UdevDaemon(choice: .auto, control: .socket, workingFor: .seconds(180))
        #expect(daemon.diagnosis.verdict == .ok)
        daemon.workingFor = .seconds(181)
        #expect(daemon.diagnosis.verdict == .warning)
        #expect(daemon.diagnosis.found.contains("181 s"))
    }

    @Test func udevd_IsLookedFor_WithoutItsDirectory() throws {
        try withTemporaryDirectory { directory in
            #expect(UdevDaemon(choice: .auto, directory: directory) == UdevDaemon(choice: .auto, control: .missing))
            try write("", to: directory + "/control")
            #expect(UdevDaemon(choice: .auto, directory: directory).control == .notASocket)
        }
    }

    /// In a container pid 1 is the container's own: what the kernel's table tells goes before it.
    @Test func network_IsJudgedByTheKernelsTable_BeforePidOne() {
        func verdict(_ isHosts: Bool?, _ first: NetworkNamespace.Init) -> Diagnosis.Verdict {
            NetworkNamespace(choice: .auto, isHosts: isHosts, initProcess: first).diagnosis.verdict
        }
        #expect(verdict(true, .unreadable(why: "no")) == .ok)
        #expect(verdict(false, .same) == .warning)
        #expect(verdict(nil, .other) == .warning)
        #expect(verdict(nil, .same) == .ok)
        #expect(verdict(nil, .unreadable(why: "no")) == .skipped)
        #expect(
            NetworkNamespace(choice: .udev, isHosts: false, initProcess: .same).diagnosis.verdict == .problem)
    }

    @Test func buffer_ThatCannotBeHad_IsAProblem() {
        let diagnosis = ReceiveBuffer(opened: .failure(SystemError("socket", code: EAFNOSUPPORT)), limit: nil).diagnosis
        #expect(diagnosis.verdict == .problem)
        #expect(diagnosis.mend?.contains("AF_NETLINK") == true)
    }

    /// Root gets more than `rmem_max`; the service, without the capability, does not.
    @Test func buffer_IsJudgedByWhatTheServiceGets() {
        #expect(ReceiveBuffer(opened: .success(256 << 20), limit: 212_992).diagnosis.verdict == .ok)
        #expect(ReceiveBuffer(opened: .success(256 << 20), limit: 65_536).diagnosis.verdict == .warning)
        #expect(ReceiveBuffer(opened: .success(425_984), limit: nil).diagnosis.verdict == .ok)
        let found = ReceiveBuffer(opened: .success(256 << 20), limit: 4 << 20).diagnosis.found
        #expect(found.contains("256 MiB") && found.contains("8 MiB without CAP_NET_ADMIN"))
    }

    @Test func usb() {
        #expect(USBBus(sight: .noUSB).diagnosis.verdict == .problem)
        #expect(USBBus(sight: .unreadable(SystemError("opendir", code: EACCES))).diagnosis.verdict == .problem)
        #expect(USBBus(sight: .present(devices: 0, phones: [])).diagnosis.verdict == .warning)
        let bus = USBBus(sight: .present(devices: 5, phones: [.android, .ios, .android]))
        #expect(bus.diagnosis.verdict == .ok)
        #expect(bus.diagnosis.found.contains("(Android 2, iOS 1)"))
        #expect(bus.hasPhone(of: .ios) && !USBBus(sight: .noUSB).hasPhone(of: .ios))
    }

    @Test func rules_AreFoundInTheFirstDirectoryThatHasThem() throws {
        try withTemporaryDirectory { directory in
            #expect(UdevRules(directories: [directory]).place == .none)
            let file = "\(directory)/\(UdevRules.name)"
            try write("", to: file)
            #expect(UdevRules(directories: ["/nonexistent", directory]).place == .file(file))
            unlink(file)
            symlink("/dev/null", file)
            #expect(UdevRules(directories: [directory]).place == .masked(file))
            #expect(UdevRules(directories: [directory]).diagnosis.verdict == .warning)
            #expect(UdevRules(place: .none).diagnosis.verdict == .warning)
        }
    }

    @Test func groups_ThatAreMissing_AreMadeByTheMend() {
        let diagnosis = AgentGroups(existing: ["plughook-view"], joined: [], isRoot: false).diagnosis
        #expect(diagnosis.verdict == .warning)
        #expect(diagnosis.mend == "groupadd --system plughook-admin")
        let joined = AgentGroups(existing: Set(AgentGroups.names), joined: ["plughook-view"], isRoot: false).diagnosis
        #expect(joined.verdict == .ok && joined.found.hasSuffix("in plughook-view"))
    }

    @Test func clock() {
        let now = WallTime(milliseconds: 1_790_000_000_000)
        #expect(WallClock(now: WallTime(milliseconds: 0), discipline: .synchronised).diagnosis.verdict == .problem)
        #expect(WallClock(now: now, discipline: .synchronised).diagnosis.verdict == .ok)
        #expect(WallClock(now: now, discipline: .unsynchronised).diagnosis.verdict == .warning)
        #expect(WallClock(now: now, discipline: .unknown(why: "no")).diagnosis.verdict == .skipped)
    }
}
