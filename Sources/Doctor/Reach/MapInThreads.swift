internal import Linux

extension ArraySlice where Element: Sendable {
    /// The results in the order of the elements, `width` of which are worked on at once, each in a thread of its own.
    ///
    /// Blocks until all are done. Where the host has no thread left, the work is done here.
    func mapInThreads<Result: Sendable>(
        width: Int, _ body: @escaping @Sendable (Element) -> Result
    ) -> [Result] {
        let results = Results<Result>()
        for start in stride(from: startIndex, to: endIndex, by: width) {
            results.collect(self[start..<Swift.min(start + width, endIndex)], body)
        }
        return results.inOrder
    }
}

private final class Results<Result: Sendable>: Sendable {
    private let found = Locked<[Int: Result]>([:])

    var inOrder: [Result] { found.withLock { found in found.sorted { $0.key < $1.key }.map(\.value) } }

    /// Each call starts one thread, then has the rest started, and waits for its own at last: all run at once.
    func collect<Element: Sendable>(
        _ elements: ArraySlice<Element>, _ body: @escaping @Sendable (Element) -> Result
    ) {
        guard let element = elements.first else { return }
        let index = elements.startIndex
        let work: @Sendable () -> Void = {
            let result = body(element)
            self.found.withLock { $0[index] = result }
        }
        let thread = try? Thread(name: "probe", work)
        collect(elements.dropFirst(), body)
        if let thread {
            thread.join()
        } else {
            work()
        }
    }
}
