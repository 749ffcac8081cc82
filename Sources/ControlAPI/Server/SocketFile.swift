internal import Glibc
internal import Linux

/// The place in the file system where the server listens.
struct SocketFile: Sendable {
    let path: String

    /// Makes the last directory if it is missing, and takes a dead agent's socket away.
    ///
    /// Two agents that start at the same moment are kept apart by the lock on the state directory, not here.
    func prepare() throws(ControlServerError) {
        try makeDirectory()
        var status = stat()
        guard lstat(path, &status) == 0 else {
            let error = SystemError("lstat")
            if error.code == ENOENT { return }
            throw failure("\(error)", "make its directory readable for the agent")
        }
        guard status.st_mode & S_IFMT == S_IFSOCK else {
            throw failure("there is a file that is no socket", "move it away, or set control.socket to another path")
        }
        try refuseWhenSomebodyAnswers()
        guard unlink(path) == 0 || errno == ENOENT else {
            throw failure(
                "the socket of an agent that is gone cannot be removed: \(SystemError("unlink"))",
                "remove it by hand, or give the directory to the agent's user")
        }
    }

    /// Lets everybody connect: who may do what is decided by who asks.
    func open() throws(ControlServerError) {
        guard chmod(path, 0o666) == 0 else {
            throw failure("\(SystemError("chmod"))", "look at the directory's file system and rights")
        }
    }

    /// What this file is, to know later whether it is still the same one.
    func identity() -> Identity? {
        var status = stat()
        return lstat(path, &status) == 0 ? Identity(device: status.st_dev, inode: status.st_ino) : nil
    }

    struct Identity: Hashable, Sendable {
        let device: dev_t
        let inode: ino_t
    }

    /// Leaves a file alone that another has put there since.
    func remove(_ identity: Identity) {
        if self.identity() == identity { unlink(path) }
    }

    private func makeDirectory() throws(ControlServerError) {
        guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return }
        let directory = String(path[..<slash])
        if mkdir(directory, 0o755) == 0 {
            // The umask may have taken rights away.
            chmod(directory, 0o755)
            return
        }
        let error = SystemError("mkdir \(directory)")
        guard error.code != EEXIST else { return }
        throw failure(
            "\(error)",
            error.code == ENOENT
                ? "create its parent directory, or set control.socket to another path"
                : "create the directory and give it to the agent's user, or set control.socket to another path")
    }

    private func refuseWhenSomebodyAnswers() throws(ControlServerError) {
        do {
            let descriptor = try OwnedDescriptor(
                socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0), from: "socket")
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            let room = MemoryLayout.size(ofValue: address.sun_path)
            guard path.utf8.count < room else {
                throw failure("the path is longer than the \(room - 1) bytes of a socket's", "choose a shorter one")
            }
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
            let result = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(descriptor.raw, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
            let error = SystemError("connect")
            if result == 0 || error.code == EAGAIN {
                throw failure(
                    "another program answers there", "stop it, or set control.socket to another path")
            }
            guard error.code == ECONNREFUSED || error.code == ENOENT else {
                throw failure("who listens there cannot be told: \(error)", "remove it by hand")
            }
        } catch let error as ControlServerError {
            throw error
        } catch {
            throw failure("\(error)", "raise the limit on open files")
        }
    }

    func failure(_ problem: String, _ advice: String) -> ControlServerError {
        ControlServerError(address: path, problem: problem, advice: advice)
    }
}
