internal import ArgumentParser

/// Words of one vocabulary, alone or as a list with commas: `online,unplugged`.
struct WordList<Word: RawRepresentable & CaseIterable & Hashable>: ExpressibleByArgument
where Word.RawValue == String {
    let words: [Word]

    init?(argument: String) {
        let given = argument.split(separator: ",", omittingEmptySubsequences: false)
        words = given.compactMap { Word(rawValue: String($0)) }
        guard words.count == given.count else { return nil }
    }

    static var allValueStrings: [String] { Word.allCases.map(\.rawValue) }
    static var defaultCompletionKind: CompletionKind { .list(allValueStrings) }
}

extension WordList {
    /// The words of all the lists, each once, in the vocabulary's own order.
    static func union(_ lists: [WordList]) -> [String] {
        let wanted = Set(lists.flatMap(\.words))
        return Word.allCases.filter(wanted.contains).map(\.rawValue)
    }
}
