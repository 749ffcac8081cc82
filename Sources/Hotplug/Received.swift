/// What a monitor of either group has for who asks.
enum Received: Hashable {
    case message(Uevent)
    /// Something that is no message for us; there may be more.
    case refused
    /// The kernel dropped messages, and drops all new ones until the queue is empty: take everything until
    /// `nothing`, and look afresh only then.
    case overflow
    /// All is taken.
    case nothing
}
