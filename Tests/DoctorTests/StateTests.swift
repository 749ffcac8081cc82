import Glibc
import Linux
import TestSupport
import Testing

@testable import Doctor

@Suite struct StateTests {
    private let root = StateFolder.Owner(id: 0, name: "root")

    private func folder(_ sight: StateFolder.Sight, user: UInt32 = 1000) -> Diagnosis {
        StateFolder(path: "/var/lib/plughook", user: user, sight: sight).diagnosis
    }

    @Test func configuration_ThatCannotBeChanged_IsTold() {
        func verdict(_ code: Int32?) -> Diagnosis.Verdict {
            ConfigurationFolder(path: "/etc/plughook", code: code).diagnosis.verdict
        }
        #expect(verdict(nil) == .ok)
        #expect(verdict(EROFS) == .warning)
        #expect(verdict(EACCES) == .skipped)
    }

    @Test func configuration_IsLookedForBehindItsLinks() throws {
        try withTemporaryDirectory { directory in
            mkdir(directory + "/real", 0o755)
            try write("{}", to: directory + "/real/config.json")
            symlink(directory + "/real/config.json", directory + "/link.json")
            let folder = ConfigurationFolder(ofFile: directory + "/link.json")
            #expect(folder.path.hasSuffix("/real") && folder.code == nil)
            #expect(ConfigurationFolder(ofFile: "/config.json").path == "/")
        }
    }

    @Test func folder_ThatIsMissing_IsFineWhereItCanBeMade() {
        #expect(folder(.absent(parent: "/var/lib", code: nil)).verdict == .ok)
        #expect(folder(.absent(parent: "/var/lib", code: EACCES)).verdict == .problem)
        #expect(folder(.notADirectory).verdict == .problem)
    }

    @Test func folder_OfAnotherUsers_IsNotJudged() {
        let closed = StateFolder.Sight.directory(owner: root, mode: 0o700, code: EACCES, strangers: [])
        #expect(folder(closed).verdict == .skipped)
        #expect(folder(closed).mend == "sudo -u root plughook doctor")
        #expect(folder(closed, user: 0).verdict == .problem)
        #expect(folder(.hidden).verdict == .skipped)
    }

    @Test func folder_OnAReadOnlyFileSystem_IsAProblemForEverybody() {
        #expect(folder(.directory(owner: root, mode: 0o700, code: EROFS, strangers: [])).verdict == .problem)
    }

    /// Once run by hand as root, the agent leaves files that the service cannot open.
    @Test func folder_WithFilesOfAnotherUsers_IsAProblem() {
        let diagnosis = folder(.directory(owner: root, mode: 0o700, code: nil, strangers: ["lock"]), user: 0)
        #expect(diagnosis.verdict == .problem)
        #expect(diagnosis.mend?.contains("chown -R root /var/lib/plughook") == true)
    }

    @Test func folder_ThatOthersCanRead_IsAWarning() {
        #expect(folder(.directory(owner: root, mode: 0o755, code: nil, strangers: []), user: 0).verdict == .warning)
        #expect(folder(.directory(owner: root, mode: 0o700, code: nil, strangers: []), user: 0).verdict == .ok)
    }

    @Test func folder_IsLookedAtWhereItIs() throws {
        try withTemporaryDirectory { directory in
            let owner = StateFolder.Owner(id: geteuid())
            let open = StateFolder.Sight.directory(owner: owner, mode: 0o700, code: nil, strangers: [])
            #expect(StateFolder(path: directory).sight == open)
            #expect(StateFolder(path: directory + "/a/b").sight == .absent(parent: directory, code: nil))
            try write("", to: directory + "/file")
            #expect(StateFolder(path: directory + "/file").sight == .notADirectory)
            let below = StateFolder.Sight.absent(parent: directory + "/file", code: ENOTDIR)
            #expect(StateFolder(path: directory + "/file/state").sight == below)
        }
    }

    private let mountinfo = """
        22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
        30 22 0:40 / /srv rw - nfs4 nas:/srv rw
        31 30 0:41 / /srv/a\\040b rw shared:2 master:3 - fuse.sshfs me@host: rw
        32 22 0:42 / /tmp rw - ext4 /dev/vdb rw
        33 32 0:43 / /tmp rw - tmpfs tmpfs rw
        short line
        34 22 0:44 / /x rw -
        """

    @Test func mount_IsTheLongestPointAbove_AndTheLastOfOne() {
        func type(_ path: String) -> String? { FileSystem.Mount(of: path, mountinfo: mountinfo)?.type }
        #expect(type("/var/lib") == "ext4")
        #expect(type("/srv") == "nfs4")
        #expect(type("/srvx") == "ext4")
        #expect(type("/srv/a b/state") == "fuse.sshfs")
        #expect(type("/tmp/x") == "tmpfs")
        #expect(type("/x") == "ext4")
        #expect(FileSystem.Mount(of: "/", mountinfo: "") == nil)
    }

    @Test(arguments: [
        ("ext4", Diagnosis.Verdict.ok), ("btrfs", .ok), ("nfs4", .problem), ("cifs", .problem), ("9p", .problem),
        ("fuse.sshfs", .problem), ("fuse", .warning), ("fuse.ntfs-3g", .warning), ("virtiofs", .warning),
        ("fuseblk", .warning), ("tmpfs", .warning), ("overlay", .warning),
    ])
    func fileSystem_IsJudgedByWhetherItHoldsALog(type: String, verdict: Diagnosis.Verdict) {
        let mount = FileSystem.Mount(point: "/srv", type: type)
        #expect(FileSystem(path: "/srv/state", mount: mount).diagnosis.verdict == verdict)
    }

    @Test func space() {
        func verdict(_ bytes: Int, hasFiles: Bool = true) -> Diagnosis.Verdict {
            FreeSpace(path: "/", room: .success(.init(bytes: bytes, hasFiles: hasFiles))).diagnosis.verdict
        }
        #expect(verdict((64 << 20) - 1) == .problem)
        #expect(verdict(64 << 20) == .warning)
        #expect(verdict((512 << 20) - 1) == .warning)
        #expect(verdict(512 << 20) == .ok)
        #expect(verdict(.max, hasFiles: false) == .problem)
        #expect(FreeSpace(path: "/nonexistent").diagnosis.verdict == .skipped)
    }

    @Test func holder_IsTheProcessOfTheKernelsList() {
        let locks = """
            1: POSIX  ADVISORY  WRITE 11 fe:00:500 0 EOF
            2: FLOCK  ADVISORY  WRITE 12 fe:00:500 0 EOF
            2: -> FLOCK  ADVISORY  WRITE 13 fe:00:500 0 EOF
            3: FLOCK  ADVISORY  WRITE 14 00:2a:600 0 EOF
            nonsense
            """
        func holder(_ inode: UInt64, noted: Int32? = nil) -> StateLock.Holder {
            StateLock.Holder(locks: locks, device: 0xfe00, inode: inode, noted: noted)
        }
        #expect(holder(500) == .process(12))
        #expect(holder(501) == .none)
        // btrfs: another device in the list than the file's.
        #expect(holder(600) == .none)
        #expect(holder(600, noted: 14) == .process(14))
    }

    @Test func lock_IsSeenWhileItIsHeld_AndNotTaken() throws {
        try withTemporaryDirectory { directory in
            #expect(StateLock(directory: directory).holder == .none)
            try write("\(getpid())\n", to: directory + "/lock")
            let file = try OwnedDescriptor(open(directory + "/lock", O_RDONLY | O_CLOEXEC), from: "open")
            #expect(StateLock(directory: directory).holder == .none)
            #expect(flock(file.raw, LOCK_EX | LOCK_NB) == 0)
            #expect(StateLock(directory: directory).holder == .process(getpid()))
        }
    }
}
