/// A value of the tree together with where it is, for those who read it.
struct JSONCursor {
    let node: JSONNode
    let pointer: JSONPointer
    /// Where its key starts; nil in a list and at the root.
    let keyOffset: Int?

    init(root: JSONNode) {
        node = root
        pointer = .root
        keyOffset = nil
    }

    private init(node: JSONNode, pointer: JSONPointer, keyOffset: Int?) {
        self.node = node
        self.pointer = pointer
        self.keyOffset = keyOffset
    }

    func entering(_ member: JSONMember) -> JSONCursor {
        JSONCursor(
            node: member.node, pointer: pointer.appending(member.key), keyOffset: member.keyRange.lowerBound)
    }

    /// The key itself, as if it were the value there.
    func enteringKey(of member: JSONMember) -> JSONCursor {
        let key = JSONNode(range: member.keyRange, value: .string(member.key))
        return JSONCursor(node: key, pointer: pointer.appending(member.key), keyOffset: member.keyRange.lowerBound)
    }

    func entering(_ element: JSONNode, at index: Int) -> JSONCursor {
        JSONCursor(node: element, pointer: pointer.appending(index), keyOffset: nil)
    }

    /// The member of that name, or nil when this is no object or has none.
    func member(_ key: String) -> JSONCursor? {
        guard case .object(let members) = node.value, let member = members.first(where: { $0.key == key })
        else { return nil }
        return entering(member)
    }
}
