internal import Core
internal import Glibc
internal import Hotplug

/// Whether this process is in the network namespace in which udevd speaks, the host's.
struct NetworkNamespace: Hashable {
    enum Init: Hashable {
        case same, other
        case unreadable(why: String)
    }

    var choice: HotplugChoice
    /// What the kernel's table of settings tells, nil for nothing; better than pid 1, which a container has its own of.
    var isHosts: Bool?
    /// Ours, compared with that of pid 1.
    var initProcess: Init

    var diagnosis: Diagnosis {
        switch (isHosts, initProcess) {
        case (true?, _): .ok(.networkNamespace, "this is the host's network namespace, where udevd speaks")
        case (false?, _), (nil, .other):
            .obstacle(
                .networkNamespace, "this is not the host's network namespace: udevd's messages stay in that one",
                choice: choice, mend: "docker run --network=host …; in a unit leave out PrivateNetwork=")
        case (nil, .same):
            .ok(.networkNamespace, "the network namespace is that of pid 1 (which in a container proves nothing)")
        case (nil, .unreadable(let why)):
            .skipped(.networkNamespace, "/proc/sys/net is hidden, and /proc/1/ns/net cannot be read: \(why)")
        }
    }
}

extension NetworkNamespace {
    init(choice: HotplugChoice) {
        self.choice = choice
        isHosts = HostSurvey.isHostsNetwork
        var own = stat()
        var first = stat()
        if stat("/proc/self/ns/net", &own) != 0 || stat("/proc/1/ns/net", &first) != 0 {
            initProcess = .unreadable(why: String(cString: strerror(errno)))
        } else {
            initProcess = own.st_ino == first.st_ino && own.st_dev == first.st_dev ? .same : .other
        }
    }
}
