internal import Glibc

/// What can be known, before anything is plugged, about whether udevd's messages reach this process.
struct UdevReach: Sendable {
    var control = "/run/udev/control"
    var networkSettings = "/proc/sys/net/core"

    /// udevd's own socket file, made by its unit; libudev itself goes by it.
    var hasControl: Bool { access(control, F_OK) == 0 }

    /// Nil when nothing speaks against it; a chance remains that `UdevSilence` has to find out.
    func obstacle() -> HotplugSource.Reason? {
        if !hasControl { return .noUdevControl }
        return isHostsNetwork == false ? .foreignNetworkNamespace : nil
    }

    /// Whether this process is in the host's network namespace; nil where nothing tells.
    ///
    /// udevd's messages stay in the network namespace it runs in, the host's. That ours is another one shows in
    /// `/proc/sys/net/core`: the kernel shows the whole table, `dev_weight` among it, in the host's alone (net/core/
    /// sysctl_net_core.c). Comparing `/proc/self/ns/net` with `/proc/1/ns/net` would need rights, and in a container pid 1
    /// is the container's own. Where `/proc/sys` is hidden (`ProcSubset=pid`) nothing is concluded.
    var isHostsNetwork: Bool? {
        let isTableVisible = access(networkSettings + "/somaxconn", F_OK) == 0
        return isTableVisible ? access(networkSettings + "/dev_weight", F_OK) == 0 : nil
    }
}
