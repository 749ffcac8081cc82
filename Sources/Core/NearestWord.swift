extension Sequence<String> {
    /// The word that was probably meant, or nil when none is near.
    ///
    /// Near is a third of the letters wrong, missing, added or swapped with their neighbour; case does not count.
    package func nearest(to word: String) -> String? {
        let letters = Array(word.lowercased().utf8.prefix(64))
        let limit = Swift.max(1, letters.count / 3)
        return map { (word: $0, distance: editDistance(letters, Array($0.lowercased().utf8))) }
            .filter { $0.distance <= limit }
            .min { $0.distance < $1.distance }?
            .word
    }
}

/// Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours, one each.
private func editDistance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var beforeLast: [Int] = []
    var last = Array(0...b.count)
    for i in a.indices {
        var row = [i + 1]
        for j in b.indices {
            var cost = Swift.min(last[j + 1] + 1, row[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
            if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = Swift.min(cost, beforeLast[j - 1] + 1) }
            row.append(cost)
        }
        beforeLast = last
        last = row
    }
    return last[b.count]
}
